"""What staff do about a submission: one small form each, refused when somebody else was faster."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from clinic.crypto import UnreadableValue
from intake.admin.forms import AssignForm, ContactForm, DeskForm, DueForm, NoteForm, ReplyForm, ResolveForm, TagForm
from intake.admin.history import in_words
from intake.admin.page import MOVES, SubmissionPage, staff
from intake.models import AlreadyDone, Conflict, Erased, InvalidTransition, SafetyAlert, Submission, UnresolvedAlert


class SubmissionWork(SubmissionPage):
    reply_template = "admin/intake/submission/reply.html"

    def move(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take one step of the status, if it is still allowed."""
        name = request.POST.get("move", "")

        def act(submission: Submission) -> str:
            if name not in MOVES:
                raise InvalidTransition(name)
            MOVES[name].act(submission, by=staff(request))
            return MOVES[name].said.format(status=submission.get_status_display())

        return self._change(request, pk, [self.MAY_MOVE], act)

    def assign(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.assign(data["assignee"], by=staff(request))
            return f"Assigned to {data['assignee'] or 'nobody'}."

        return self._submit(request, pk, AssignForm(request.POST), act)

    def due(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.plan_contact(data["on"], by=staff(request))
            return "The next contact is planned." if data["on"] else "No contact is due."

        return self._submit(request, pk, DueForm(request.POST), act)

    def tag(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.tag(data["tags"], by=staff(request))
            return "The tags are saved."

        return self._submit(request, pk, TagForm(request.POST), act)

    def contact(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.log_contact(**data, by=staff(request))
            return "The contact attempt was recorded."

        return self._submit(request, pk, ContactForm(request.POST), act)

    def reply(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the e-mail as it will be sent; posted from there, send it."""
        form = ReplyForm(request.POST)

        def act(submission: Submission, data: dict[str, Any]) -> str:
            submission.reply(data["reply"], data["key"], by=staff(request))
            return "The reply goes out by e-mail."

        self._require(request, *form.needs)
        if request.method != "POST" or not form.is_valid():
            return self._submit(request, pk, form, act)
        submission = get_object_or_404(Submission.objects.select_related("consent"), pk=pk)
        try:
            subject, body = submission.reply_text(form.cleaned_data["reply"], by=staff(request))
        except (ValueError, UnreadableValue) as error:
            messages.error(request, f"Nothing was sent. {error}")
            return self._page(request, submission, form, status=422)
        if "send" in request.POST:
            return self._submit(request, pk, form, act)
        return self._preview(request, submission, form, subject, body)

    def _preview(
        self, request: HttpRequest, submission: Submission, form: ReplyForm, subject: str, body: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Reply to {submission.reference}",
            "is_nav_sidebar_enabled": False,
            "submission": submission,
            "form": form,
            "seen": request.POST.get("seen", ""),
            "subject": subject,
            "body": body,
            "preserved_filters": self.get_preserved_filters(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.reply_template, context)

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
        except Erased:
            messages.error(request, "This submission was erased. Nothing was changed.")
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
