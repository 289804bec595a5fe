"""How a submission ends: asked for by one person and confirmed by another, or held. No answer is shown here."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from clinic import audit
from clinic.models import AuditEvent, User
from intake.admin.forms import DeskForm
from intake.admin.inbox import SubmissionList
from intake.admin.page import staff
from intake.models import Erased, ErasureReason, ErasureRefused, HoldReason, PersonLink, Submission
from intake.models.reference import reference_in

MAY_ERASE = "intake.erase_submission"
MOST = 100  # rows of each kind on the page of them all
PEOPLE = ("erasure_asked_by", "erased_by", "held_by", "assignee")


class AskForm(DeskForm):
    name = "ask"
    needs = (MAY_ERASE,)

    reason = forms.ChoiceField(
        label="Why it is to be erased",
        choices=[("", "Choose"), *ErasureReason.choices],
        error_messages={"required": "Choose why: it is kept on record with your name."},
    )


class HoldForm(DeskForm):
    name = "hold"
    needs = (MAY_ERASE,)

    reason = forms.ChoiceField(
        label="Why it has to be kept",
        choices=[("", "Choose"), *HoldReason.choices],
        error_messages={"required": "Choose why: it is kept on record with your name."},
    )


class ReferenceForm(forms.Form):
    text = forms.CharField(
        label="Reference",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Type a reference, such as K7QF2-M9D3X."},
    )

    @property
    def found(self) -> Submission | None:
        return Submission.objects.filter(reference=reference_in(self.cleaned_data["text"])).first()


def _ask(submission: Submission, data: Mapping[str, Any], by: User) -> str:
    submission.ask_erasure(data["reason"], by=by)
    return "Your request is on record. Another person has to confirm it; until then nothing is erased."


def _withdraw(submission: Submission, data: Mapping[str, Any], by: User) -> str:
    submission.withdraw_erasure(by=by)
    return "The request is withdrawn. Nothing was erased."


def _confirm(submission: Submission, data: Mapping[str, Any], by: User) -> str:
    submission.confirm_erasure(by=by)
    return "It is erased."


def _hold(submission: Submission, data: Mapping[str, Any], by: User) -> str:
    submission.hold(data["reason"], by=by)
    return "It is on legal hold: nothing erases it until the hold is lifted."


def _lift(submission: Submission, data: Mapping[str, Any], by: User) -> str:
    submission.lift_hold(by=by)
    return "The hold is lifted."


class SubmissionErasures(SubmissionList):
    erasure_template = "admin/intake/submission/erasure.html"
    erasure_list_template = "admin/intake/submission/erasure_list.html"

    STEPS: ClassVar[dict[str, tuple[type[DeskForm] | None, Callable[[Submission, Mapping[str, Any], User], str]]]] = {
        "ask": (AskForm, _ask),
        "withdraw": (None, _withdraw),
        "confirm": (None, _confirm),
        "hold": (HoldForm, _hold),
        "lift": (None, _lift),
    }

    def erasure_list(self, request: HttpRequest) -> HttpResponse:
        """What waits for a second person, what is held, what was erased lately; and a way to any by its reference."""
        _require_eraser(request)
        form = ReferenceForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            if found := form.found:
                return HttpResponseRedirect(_address(found))
            form.add_error("text", "No submission has this reference.")
        audit.record(AuditEvent.Action.LISTED, by=staff(request), kind="submission", detail="erasures")
        rows = Submission.objects.select_related(*PEOPLE)
        context = {
            "title": "Erasure and legal hold",
            "form": form,
            "awaiting": rows.awaiting_erasure()[:MOST],
            "held": rows.held()[:MOST],
            "erased": rows.filter(erased_at__isnull=False).order_by("-erased_at")[:MOST],
        }
        return self._respond(request, self.erasure_list_template, context, status=422 if form.errors else 200)

    def erasure(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Reference, dates and what can be done next; posted, do it."""
        _require_eraser(request)
        submission = get_object_or_404(Submission.objects.select_related(*PEOPLE), pk=pk)
        if request.method == "POST":
            return self._take(request, submission)
        return self._show_ending(request, submission)

    def _take(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        name = request.POST.get("step", "")
        if name not in self.STEPS:
            raise BadRequest("There is no such step.")
        form_class, act = self.STEPS[name]
        form = form_class(request.POST) if form_class else None
        if form and not form.is_valid():
            return self._show_ending(request, submission, form)
        try:
            messages.success(request, act(submission, form.cleaned_data if form else {}, staff(request)))
        except ErasureRefused as refused:
            messages.error(request, f"Nothing was changed. {refused}")
        except Erased:
            messages.error(request, "It was erased in the meantime. Nothing was changed.")
        return HttpResponseRedirect(_address(submission))

    def _show_ending(
        self, request: HttpRequest, submission: Submission, refused: DeskForm | None = None
    ) -> HttpResponse:
        submission.record(AuditEvent.Action.VIEWED, by=staff(request), detail="erasure and hold")
        others = PersonLink.objects.person(submission) - {submission.pk}
        blank: dict[str, DeskForm] = {form.name: form() for form in (AskForm, HoldForm)}
        context = {
            "title": f"Erasure and legal hold of {submission.reference}",
            "submission": submission,
            "forms": blank | ({refused.name: refused} if refused else {}),
            "is_mine": submission.erasure_asked_by == request.user,
            "in_work": submission.status in Submission.OPEN,
            "others": Submission.objects.filter(pk__in=others).order_by("created_at"),
        }
        return self._respond(request, self.erasure_template, context, status=422 if refused else 200)

    def _respond(self, request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "is_nav_sidebar_enabled": False, **context}
        return TemplateResponse(request, template, context, status=status)


def _require_eraser(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_ERASE):
        raise PermissionDenied


def _address(submission: Submission) -> str:
    return reverse("admin:intake_submission_erasure", args=[submission.pk])
