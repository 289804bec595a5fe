"""How one submission is shown: everything that the user may see, and the forms for what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString

from clinic.crypto import normal_phone
from clinic.models import AuditEvent, User
from intake.admin.chart import AlertLine, Chart, chart
from intake.admin.forms import (
    AssignForm,
    ContactForm,
    DeskForm,
    DueForm,
    NoteForm,
    ReplyForm,
    ResolveForm,
    TagForm,
)
from intake.admin.history import history
from intake.admin.inbox import SubmissionList, age_mark, marks, reads_answers, risk_mark
from intake.admin.markup import to_html
from intake.admin.person import again, may_link
from intake.admin.readable import UNREADABLE, day, language_name, readable
from intake.models import Note, Submission, Tag
from intake.screening import age
from intake.spam import Sign

Status = Submission.Status


@dataclass(frozen=True, slots=True)
class Move:
    """A button that changes the status; shown for the statuses of `offered`, decided by the model's method."""

    label: str
    act: Callable[..., None]
    offered: frozenset[str]
    said: str = "The status is now “{status}”."


MOVES = {
    "release": Move(
        "Not spam",
        Submission.release,
        frozenset(set(Status) - {Status.ERASED}),
        "It is no longer among what may be spam. A receipt goes out if there is an e-mail address.",
    ),
    "start-review": Move("Start review", Submission.start_review, frozenset({Status.NEW})),
    "contacted": Move("Mark as contacted", Submission.mark_contacted, frozenset({Status.NEW, Status.IN_REVIEW})),
    "schedule": Move("Mark as scheduled", Submission.schedule, frozenset({Status.IN_REVIEW, Status.CONTACTED})),
    "decline": Move("Decline", Submission.decline, frozenset({Status.IN_REVIEW, Status.CONTACTED})),
    "close": Move("Close", Submission.close, frozenset(set(Status) - {Status.CLOSED, Status.ERASED})),
    "reopen": Move("Reopen", Submission.reopen, frozenset({Status.SCHEDULED, Status.DECLINED, Status.CLOSED})),
}
ENDS = {"schedule", "decline", "close"}  # not offered while a safety alert is unresolved
OF_SUSPECT = {"release", "close"}  # all that is offered for what may be spam


class SubmissionPage(SubmissionList):
    page_template = "admin/intake/submission/page.html"
    erased_template = "admin/intake/submission/erased.html"

    MAY_MOVE: ClassVar = "intake.change_submission"
    MAY_ACKNOWLEDGE: ClassVar = "intake.change_safetyalert"

    def _require(self, request: HttpRequest, *permissions: str) -> None:
        if not self.has_view_permission(request) or not request.user.has_perms(permissions):
            raise PermissionDenied

    def _back(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        filters = self.get_preserved_filters(request)
        return HttpResponseRedirect(submission.get_absolute_url() + (f"?{filters}" if filters else ""))

    def _page(
        self, request: HttpRequest, submission: Submission, refused: DeskForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Show everything that the user may see, and a `refused` form as it was filled in. The look is recorded."""
        if submission.erased_at:
            return self._stone(request, submission)
        others = submission.seen_lately(by=staff(request))
        found = again(request, submission)
        submission.look(by=staff(request), detail=found.read_with)
        context = {
            **self.admin_site.each_context(request),
            "title": submission.reference,
            "is_nav_sidebar_enabled": False,  # the width is for the patient; Home leads to everything else
            "submission": submission,
            "risk": risk_mark(submission),
            "marks": marks(submission),
            "signs": [Sign(code).label for code in submission.suspect_signs],
            "age": age_mark(submission),
            "person": person(submission),
            "again": found,
            "may_link": may_link(request),
            "moves": self._moves(request, submission),
            "history": history(submission),
            "others": others,
            "seen": submission.last_change,
            "forms": self._forms(request, submission, refused),
            "tags": submission.tags.all(),
            "attempts": submission.attempts.select_related("by"),
            "replies": [(reply, readable(reply, "body")) for reply in submission.replies.select_related("by")],
            "preserved_filters": self.get_preserved_filters(request),
            "unreadable": UNREADABLE,
        }
        context["may_move"] = request.user.has_perm(self.MAY_MOVE)
        context["may_erase"] = request.user.has_perm("intake.erase_submission")
        context["may_acknowledge"] = request.user.has_perm(self.MAY_ACKNOWLEDGE)
        if reads_answers(request):
            context |= clinical(submission)
            context["alerts"] = self._alerts(request, context["chart"], refused)
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.page_template, context, status=status)

    def _stone(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        """Show what is left of an erased one. The look is recorded."""
        submission.record(AuditEvent.Action.VIEWED, by=staff(request), detail="what is left of it")
        context = {
            **self.admin_site.each_context(request),
            "title": submission.reference,
            "is_nav_sidebar_enabled": False,
            "submission": submission,
            "marks": marks(submission),
            "history": history(submission),
            "preserved_filters": self.get_preserved_filters(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.erased_template, context)

    def _forms(self, request: HttpRequest, submission: Submission, refused: DeskForm | None) -> dict[str, DeskForm]:
        """The forms that the user may fill in, by name; a `refused` one in the place of its blank."""
        offered: list[type[DeskForm]] = [NoteForm, AssignForm, ContactForm, DueForm]
        if Tag.objects.exists():
            offered.append(TagForm)
        if "@" in readable(submission, "email"):
            offered.append(ReplyForm)
        blank = {form.name: form.blank(submission) for form in offered if request.user.has_perms(form.needs)}
        return blank | ({refused.name: refused} if refused and refused.name in blank else {})

    def _alerts(
        self, request: HttpRequest, shown: Chart, refused: DeskForm | None
    ) -> list[tuple[AlertLine, ResolveForm | None]]:
        """Each alert with the form that resolves it, if there is something to resolve and the user may."""
        may = request.user.has_perms(ResolveForm.needs)
        forms = []
        for line in shown.alerts:
            form = ResolveForm.of(line.alert)
            if isinstance(refused, ResolveForm) and refused.auto_id == form.auto_id:
                form = refused
            forms.append((line, form if may and not line.alert.resolved_at else None))
        return forms

    def _moves(self, request: HttpRequest, submission: Submission) -> list[tuple[str, str]]:
        if not request.user.has_perm(self.MAY_MOVE):
            return []
        names = OF_SUSPECT if submission.is_suspect else MOVES.keys() - {"release"}
        return [
            (name, move.label)
            for name, move in MOVES.items()
            if name in names and submission.status in move.offered and not (submission.open_risk and name in ENDS)
        ]


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
        "notes": [(note, _marked_up(note)) for note in submission.notes.select_related("author")],
    }


def _marked_up(note: Note) -> SafeString | str:
    text = readable(note, "text")
    return text if text in UNREADABLE else to_html(text)
