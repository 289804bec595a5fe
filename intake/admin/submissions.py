"""The page of one submission: what was sent, read-only, and what staff do about it, one small form each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from clinic.crypto import normal_phone
from clinic.models import User
from intake.admin.chart import chart
from intake.admin.inbox import SubmissionList, age_mark, marks, reads_answers, risk_mark
from intake.admin.readable import UNREADABLE, day, language_name, readable
from intake.admin.search import SearchForm
from intake.models import AuditEvent, InvalidTransition, Submission
from intake.screening import age

Status = Submission.Status


@dataclass(frozen=True, slots=True)
class Move:
    """A button that changes the status; shown for the statuses of `offered`, decided by the model's method."""

    label: str
    act: Callable[..., None]
    offered: frozenset[str]


MOVES = {
    "start-review": Move("Start review", Submission.start_review, frozenset({Status.NEW})),
    "contacted": Move("Mark as contacted", Submission.mark_contacted, frozenset({Status.NEW, Status.IN_REVIEW})),
    "schedule": Move("Mark as scheduled", Submission.schedule, frozenset({Status.IN_REVIEW, Status.CONTACTED})),
    "decline": Move("Decline", Submission.decline, frozenset({Status.IN_REVIEW, Status.CONTACTED})),
    "close": Move("Close", Submission.close, frozenset(set(Status) - {Status.CLOSED})),
    "reopen": Move("Reopen", Submission.reopen, frozenset({Status.SCHEDULED, Status.DECLINED, Status.CLOSED})),
}


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Add a note",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write something first: an empty note is not kept."},
        help_text="Notes stay as they are written. To correct one, add another.",
    )


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened; looks by the same person in a row are one line with their number."""

    what: str
    who: str
    at: datetime
    times: int


@admin.register(Submission)
class SubmissionAdmin(SubmissionList):
    change_list_template = "admin/intake/submission/change_list.html"
    page_template = "admin/intake/submission/page.html"

    MAY_MOVE: ClassVar = "intake.change_submission"
    MAY_NOTE: ClassVar = "intake.add_note"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """Only these: there is nothing to add, edit or delete, and the history is on the page."""
        guarded = self.admin_site.admin_view
        name = "intake_submission"
        return [
            path("", guarded(self.changelist_view), name=f"{name}_changelist"),
            path("<uuid:pk>/change/", guarded(self.page), name=f"{name}_change"),
            path("<uuid:pk>/status/", guarded(self.move), name=f"{name}_move"),
            path("<uuid:pk>/note/", guarded(self.note), name=f"{name}_note"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a search is posted, so that no address or log line ever holds an e-mail or a phone number."""
        search = SearchForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            self._require(request)
            found = list(search.found) if search.is_valid() else []
            if found:
                return HttpResponseRedirect(self._address_of(found))
            if search.is_valid():
                search.add_error("text", "No submission has this reference, e-mail address or phone number.")
        context = {"title": "Submissions", "search": search, "is_nav_sidebar_enabled": False}
        return super().changelist_view(request, context | (extra_context or {}))

    @staticmethod
    def _address_of(found: list[Submission]) -> str:
        if len(found) == 1:
            return found[0].get_absolute_url()
        query = {"show": "all", "id__in": ",".join(str(submission.pk) for submission in found)}
        return f"{reverse('admin:intake_submission_changelist')}?{urlencode(query)}"

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._require(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, get_object_or_404(Submission.objects.select_related("consent"), pk=pk))

    def move(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take one step of the status, if it is still allowed."""
        self._require(request, self.MAY_MOVE)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        submission = get_object_or_404(Submission, pk=pk)
        move = MOVES.get(request.POST.get("move", ""))
        if move is None:
            messages.error(request, "This page does not know that step. Nothing was changed.")
            return self._back(request, submission)
        try:
            move.act(submission, by=staff(request))
            messages.success(request, f"The status is now “{submission.get_status_display()}”.")
        except InvalidTransition:
            submission.refresh_from_db(fields=["status"])
            now = submission.get_status_display()
            messages.error(request, f"Someone was faster: it is now “{now}”. Nothing was changed.")
        return self._back(request, submission)

    def note(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._require(request, self.MAY_NOTE, "intake.read_answers")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        submission = get_object_or_404(Submission.objects.select_related("consent"), pk=pk)
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self._page(request, submission, form, status=422)
        submission.add_note(form.cleaned_data["text"], by=staff(request))
        messages.success(request, "The note was added.")
        return self._back(request, submission)

    def _require(self, request: HttpRequest, *permissions: str) -> None:
        if not self.has_view_permission(request) or not request.user.has_perms(permissions):
            raise PermissionDenied

    def _back(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        filters = self.get_preserved_filters(request)
        return HttpResponseRedirect(submission.get_absolute_url() + (f"?{filters}" if filters else ""))

    def _page(
        self, request: HttpRequest, submission: Submission, note_form: NoteForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Show everything that the user may see; the look is recorded."""
        submission.record(AuditEvent.Action.VIEWED, by=staff(request))
        context = {
            **self.admin_site.each_context(request),
            "title": submission.reference,
            "is_nav_sidebar_enabled": False,  # the width is for the patient; Home leads to everything else
            "submission": submission,
            "risk": risk_mark(submission),
            "marks": marks(submission),
            "age": age_mark(submission),
            "person": person(submission),
            "moves": self._moves(request, submission),
            "history": history(submission),
            "preserved_filters": self.get_preserved_filters(request),
            "unreadable": UNREADABLE,
        }
        if reads_answers(request):
            context |= clinical(submission)
            context["note_form"] = (note_form or NoteForm()) if request.user.has_perm(self.MAY_NOTE) else None
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.page_template, context, status=status)

    def _moves(self, request: HttpRequest, submission: Submission) -> list[tuple[str, str]]:
        if not request.user.has_perm(self.MAY_MOVE):
            return []
        return [(name, move.label) for name, move in MOVES.items() if submission.status in move.offered]


def staff(request: HttpRequest) -> User:
    """The signed-in user; the site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def person(submission: Submission) -> dict[str, Any]:
    """Who it is and how to reach them, each value read on its own."""
    fields = ("name", "birth_date", "email", "phone", "best_time", "preferred_language")
    found: dict[str, Any] = {field: readable(submission, field) for field in fields}
    born, dial = day(found["birth_date"]), normal_phone(found["phone"])
    return found | {
        "preferred_language": language_name(found["preferred_language"]),
        "born": born,
        "years": age(born, timezone.localdate()) if born else None,
        "dial": dial if dial.startswith("+") else "",
        "ways": sorted(("phone", "email"), key=lambda way: way != submission.contact_method),
    }


def clinical(submission: Submission) -> dict[str, Any]:
    """What the patient answered and wrote, and what staff noted about it."""
    return {
        "chart": chart(submission),
        "message": readable(submission, "message"),
        "notes": [(note, readable(note, "text")) for note in submission.notes.select_related("author")],
    }


def history(submission: Submission) -> list[HistoryLine]:
    """Newest first."""
    events = list(submission.events.select_related("actor"))
    looks = AuditEvent.Action.VIEWED
    runs = groupby(events, key=lambda event: (looks, event.actor_id) if event.action == looks else event.pk)
    lines = []
    for _key, run in runs:
        *earlier, event = run
        what = event.get_action_display() + (f": {_words(event)}" if event.detail else "")
        lines.append(HistoryLine(what, _who(event), event.at, len(earlier) + 1))
    return lines[::-1]


def _words(event: AuditEvent) -> str:
    """A status change in the statuses' own words; any other detail as it is."""
    if event.action != AuditEvent.Action.STATUS:
        return event.detail
    labels: dict[str, str] = dict(Status.choices)
    return " → ".join(labels.get(code, code) for code in event.detail.split(" -> "))


def _who(event: AuditEvent) -> str:
    if event.actor:
        return str(event.actor)
    return "the visitor" if event.action == AuditEvent.Action.RECEIVED else "the system"
