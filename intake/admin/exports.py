"""What leaves the review desk: a submission on paper or as a Bundle, the list as CSV or as many Bundles.

Each needs a reason, and is on record before the first byte leaves.
"""

from collections.abc import Container, Iterator, Sequence
from contextvars import copy_context
from itertools import chain
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from clinic import audit
from clinic.crypto import UnreadableValue
from clinic.models import AuditEvent
from intake.admin import spreadsheet
from intake.admin.forms import DeskForm
from intake.admin.inbox import reads_answers
from intake.admin.page import SubmissionPage, clinical, person, staff
from intake.admin.readable import UNREADABLE, fault
from intake.archive import zipped
from intake.export import Reason, export, exportable
from intake.models import Submission

CHUNK = 100  # submissions that are read at a time with all their answers
LINES = 500  # that are read at a time without them
BUNDLES = {"transaction": "FHIR transaction", "collection": "FHIR collection"}

Leaving = Sequence[tuple[UUID, str]]  # id and reference of each submission


class ReasonForm(DeskForm):
    name = "export"
    needs = ("intake.export_submission",)

    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose"), *Reason.choices],
        error_messages={"required": "Choose a reason: it is kept on record with what leaves."},
    )


class PaperForm(ReasonForm):
    notes = forms.BooleanField(label="Print the notes of staff as well", required=False)


class SubmissionExports(SubmissionPage):
    print_template = "admin/intake/submission/print.html"
    export_template = "admin/intake/submission/export.html"
    export_list_template = "admin/intake/submission/export_list.html"

    def _forms(self, request: HttpRequest, submission: Submission, refused: DeskForm | None) -> dict[str, DeskForm]:
        offered = super()._forms(request, submission, refused)
        may = request.user.has_perms(ReasonForm.needs)
        return offered | ({ReasonForm.name: _form_of(request).blank(submission)} if may else {})

    def print_one(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The submission as a document for the chart: contact details and status, and for clinicians the answers."""
        self._require(request, *ReasonForm.needs)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        submission = get_object_or_404(Submission.objects.select_related("consent", "assignee"), pk=pk)
        if submission.erased_at:
            return self._refuse_erased(request, submission)
        form = _form_of(request)(_sent(request))
        if not form.is_valid():
            return self._ask(request, submission, form)
        context = self._document(request, submission, **form.cleaned_data)
        what = "answers" if "chart" in context else "contact details"
        what += " and notes" if context.get("notes") else ""
        submission.record(AuditEvent.Action.PRINTED, by=staff(request), detail=what, reason=form.cleaned_data["reason"])
        return TemplateResponse(request, self.print_template, context)

    @staticmethod
    def _document(request: HttpRequest, submission: Submission, reason: str, notes: bool = False) -> dict[str, Any]:
        context: dict[str, Any] = {
            "submission": submission,
            "person": person(submission),
            "unreadable": UNREADABLE,
            "now": timezone.now(),
            "by": staff(request),
            "reason": Reason(reason).label,
        }
        if reads_answers(request):
            context |= clinical(submission)
            context["alerts"] = [(line, None) for line in context["chart"].alerts]
            context["notes"] = context["notes"] if notes else []
        return context

    def export_one(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The form, or the submission as a FHIR Bundle."""
        self._require(request, *ReasonForm.needs, "intake.read_answers")
        submission = get_object_or_404(exportable(), pk=pk)
        if submission.erased_at:
            return self._refuse_erased(request, submission)
        form = _form_of(request)(_sent(request))
        if request.method != "POST" or not form.is_valid():
            return self._ask(request, submission, form)
        kind = _chosen(request, BUNDLES)
        try:
            document = export(submission, kind)
        except UnreadableValue as error:
            messages.error(request, f"Nothing was exported: a part of it {fault(error)}.")
            return self._back(request, submission)
        submission.record(
            AuditEvent.Action.EXPORTED, by=staff(request), detail=BUNDLES[kind], reason=form.cleaned_data["reason"]
        )
        headers = attached(f"{submission.reference}.json")
        return HttpResponse(document, content_type="application/fhir+json", headers=headers)

    def _refuse_erased(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        messages.error(request, "This submission was erased: nothing is left to print or export.")
        return self._back(request, submission)

    def _ask(self, request: HttpRequest, submission: Submission, form: ReasonForm) -> HttpResponse:
        context = {"title": f"Print or export {submission.reference}", "submission": submission}
        return self._show(request, self.export_template, form, context)

    def export_list(self, request: HttpRequest) -> HttpResponseBase:
        """The form, or exactly what the list shows with the filters of the address, on all its pages."""
        self._require(request, *ReasonForm.needs)
        try:
            shown = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{reverse('admin:intake_submission_changelist')}?e=1")
        form = ReasonForm(_sent(request))
        leaving = list(shown.values_list("pk", "reference"))
        if request.method != "POST" or not form.is_valid() or not leaving:
            context = {"title": "Export submissions", "number": len(leaving), "filters": request.GET.urlencode()}
            return self._show(request, self.export_list_template, form, context)
        return self._send(request, leaving, form.cleaned_data["reason"])

    def _send(self, request: HttpRequest, leaving: Leaving, reason: str) -> HttpResponseBase:
        kind = _chosen(request, {"csv", *BUNDLES})
        if kind == "csv":
            return self._send_csv(request, leaving, reason)
        self._require(request, "intake.read_answers")
        self._record_all(request, leaving, f"{BUNDLES[kind]}, zip", reason)
        record = copy_context().run  # the request, and with it where it came from, is over when the file is made

        def on_left_out(submission: Submission) -> None:
            detail = "left out of the zip: cannot be decrypted"
            record(submission.record, AuditEvent.Action.EXPORTED, by=staff(request), detail=detail, reason=reason)

        content = zipped(in_order(exportable(), leaving), kind, on_left_out=on_left_out)
        return StreamingHttpResponse(content, content_type="application/zip", headers=attached(_dated("zip")))

    def _send_csv(self, request: HttpRequest, leaving: Leaving, reason: str) -> HttpResponseBase:
        is_clinical = reads_answers(request)
        columns = spreadsheet.CONTACT + (spreadsheet.CLINICAL if is_clinical else [])
        self._record_all(request, leaving, f"CSV, columns {'all' if is_clinical else 'contact'}", reason)
        rows = spreadsheet.read(self.get_queryset(request), columns)
        content = spreadsheet.lines(chunks(rows, leaving, LINES), columns)
        return StreamingHttpResponse(content, content_type="text/csv; charset=utf-8", headers=attached(_dated("csv")))

    @transaction.atomic
    def _record_all(self, request: HttpRequest, leaving: Leaving, what: str, reason: str) -> None:
        """Record each submission that leaves, and the export as a whole with its number and the filters' names."""
        filters = ", ".join(sorted(self.LOOKUPS & request.GET.keys())) or "none"
        kind, exported = "submission", AuditEvent.Action.EXPORTED
        audit.record_many(exported, leaving, by=staff(request), kind=kind, detail=what, reason=reason)
        detail = f"{what}: {len(leaving)} in all, filters: {filters}"
        audit.record(exported, by=staff(request), kind=kind, detail=detail, reason=reason)

    def _show(self, request: HttpRequest, template: str, form: ReasonForm, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "is_nav_sidebar_enabled": False, "form": form, **context}
        return TemplateResponse(request, template, context, status=422 if form.errors else 200)


def _form_of(request: HttpRequest) -> type[ReasonForm]:
    """The form for one submission; notes are for those who may read them."""
    return PaperForm if reads_answers(request) else ReasonForm


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _chosen(request: HttpRequest, formats: Container[str]) -> str:
    """The format that the pressed button stands for."""
    kind = request.POST.get("format", "")
    if kind not in formats:
        raise BadRequest("There is no such format.")
    return kind


def in_order(rows: QuerySet[Submission], leaving: Leaving) -> Iterator[Submission]:
    """The submissions that are on record as leaving, less what was deleted meanwhile."""
    return chain.from_iterable(chunks(rows, leaving, CHUNK))


def chunks(rows: QuerySet[Submission, Any], leaving: Leaving, size: int) -> Iterator[list[Any]]:
    """The same, so many at a time. None is held while the next are read."""
    for start in range(0, len(leaving), size):
        yield _found(rows, [pk for pk, _reference in leaving[start : start + size]])


def _found(rows: QuerySet[Submission, Any], ids: list[UUID]) -> list[Any]:
    found = {row.pk: row for row in rows.filter(pk__in=ids)}
    return [found[pk] for pk in ids if pk in found]


def _dated(extension: str) -> str:
    return f"submissions-{timezone.localdate()}.{extension}"


def attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
