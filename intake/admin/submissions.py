"""The page of one submission: what was sent, read-only, and what staff do about it, one small form each."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from clinic import audit
from clinic.models import AuditEvent
from intake.admin.forms import AssignForm, ContactForm, DeskForm, NoteForm, ResolveForm
from intake.admin.history import in_words
from intake.admin.page import MOVES, SubmissionPage, staff
from intake.admin.search import SearchForm
from intake.models import AlreadyDone, Conflict, InvalidTransition, SafetyAlert, Submission, UnresolvedAlert


@admin.register(Submission)
class SubmissionAdmin(SubmissionPage):
    change_list_template = "admin/intake/submission/change_list.html"

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
            path("<uuid:pk>/assign/", guarded(self.assign), name=f"{name}_assign"),
            path("<uuid:pk>/contact/", guarded(self.contact), name=f"{name}_contact"),
            path("<uuid:pk>/alert/<uuid:alert>/acknowledge/", guarded(self.acknowledge), name=f"{name}_acknowledge"),
            path("<uuid:pk>/alert/<uuid:alert>/resolve/", guarded(self.resolve), name=f"{name}_resolve"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a search is posted, so that no address or log line ever holds an e-mail or a phone number."""
        search = SearchForm(request.POST if request.method == "POST" else None)
        if request.method == "POST":
            self._require(request)
            found = list(search.found) if search.is_valid() else []
            audit.record(AuditEvent.Action.SEARCHED, by=staff(request), kind="submission", detail=f"{len(found)} found")
            if found:
                return HttpResponseRedirect(self._address_of(found))
            if search.is_valid():
                search.add_error("text", "No submission has this reference, e-mail address or phone number.")
        context = {"title": "Submissions", "search": search, "is_nav_sidebar_enabled": False}
        response = super().changelist_view(request, context | (extra_context or {}))
        if request.method == "GET" and response.status_code == 200:
            narrowed = ", ".join(sorted(self.LOOKUPS & request.GET.keys()))
            audit.record(AuditEvent.Action.LISTED, by=staff(request), kind="submission", detail=narrowed)
        return response

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
        name = request.POST.get("move", "")

        def act(submission: Submission) -> str:
            if name not in MOVES:
                raise InvalidTransition(name)
            MOVES[name].act(submission, by=staff(request))
            return f"The status is now “{submission.get_status_display()}”."

        return self._change(request, pk, [self.MAY_MOVE], act)

    def assign(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.assign(data["assignee"], by=staff(request))
            return f"Assigned to {data['assignee'] or 'nobody'}."

        return self._submit(request, pk, AssignForm(request.POST), act)

    def contact(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.log_contact(**data, by=staff(request))
            return "The contact attempt was recorded."

        return self._submit(request, pk, ContactForm(request.POST), act)

    def note(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.add_note(**data, by=staff(request))
            return "The note was added."

        return self._submit(request, pk, NoteForm(request.POST), act)

    def acknowledge(self, request: HttpRequest, pk: UUID, alert: UUID) -> HttpResponse:
        def act(submission: Submission) -> str:
            get_object_or_404(submission.alerts, pk=alert).acknowledge(by=staff(request))
            return "You have acknowledged the alert: its reminders end, and it stays open until it is resolved."

        return self._change(request, pk, [self.MAY_ACKNOWLEDGE, "intake.read_answers"], act)

    def resolve(self, request: HttpRequest, pk: UUID, alert: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            found.resolve(by=staff(request), **data)
            return "The alert is resolved."

        self._require(request, *ResolveForm.needs)
        found = get_object_or_404(SafetyAlert.objects.filter(submission=pk), pk=alert)
        return self._submit(request, pk, ResolveForm.of(found, request.POST), act)

    def _submit(
        self, request: HttpRequest, pk: UUID, form: DeskForm, act: Callable[[Submission, dict[str, Any]], str]
    ) -> HttpResponse:
        """Do what a form asks for; one that is not valid is shown again as it was filled in."""
        self._require(request, *form.needs)
        if request.method == "POST" and not form.is_valid():
            submission = get_object_or_404(Submission.objects.select_related("consent"), pk=pk)
            return self._page(request, submission, form, status=422)
        return self._change(request, pk, form.needs, lambda submission: act(submission, form.cleaned_data))

    def _change(
        self, request: HttpRequest, pk: UUID, needs: Iterable[str], act: Callable[[Submission], str]
    ) -> HttpResponse:
        """Change a submission, unless others did since the user's page was made; `act` returns what to say."""
        self._require(request, *needs)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        submission = get_object_or_404(Submission, pk=pk)
        try:
            with submission.unchanged_since(_seen(request), by=staff(request)):
                said = act(submission)
            messages.success(request, said)
        except Conflict as conflict:
            changes = "; ".join(f"{event.actor}: {in_words(event)}" for event in conflict.events)
            messages.error(request, f"Nothing was changed, because others were faster. {changes}.")
        except UnresolvedAlert:
            messages.error(request, "Resolve its safety alerts first. Nothing was changed.")
        except AlreadyDone:
            messages.error(request, "Somebody has dealt with this alert already. Nothing was changed.")
        except InvalidTransition:
            now = Submission.objects.get(pk=pk).get_status_display()
            messages.error(request, f"This step does not follow “{now}”, which the status is now. Nothing was changed.")
        return self._back(request, submission)


def _seen(request: HttpRequest) -> int:
    """The last event that the user's page showed."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
