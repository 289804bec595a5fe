"""One file with everything about one person, at their request: a document, the data, and the FHIR Bundles."""

import re
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.http import HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone

from clinic import audit
from clinic.models import AuditEvent, ClinicProfile
from intake.admin import dossier
from intake.admin.exports import Leaving, ReasonForm, SubmissionExports, attached, in_order
from intake.admin.page import staff
from intake.archive import Outlet, bundles
from intake.export import Reason, exportable
from intake.models import PersonLink, Submission

TAG = re.compile(r"<[^<>]*>")
IDS = re.compile(r' (?:id|aria-labelledby)="')


class SubmissionEverything(SubmissionExports):
    def everything(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """The file, of this submission and of those that are confirmed to be of the same person."""
        self._require(request, *ReasonForm.needs, "intake.read_answers")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        submission = get_object_or_404(Submission, pk=pk)
        if submission.erased_at:
            return self._refuse_erased(request, submission)
        leaving = self._of_the_person(request, submission)
        by = staff(request)
        about = {"by": by, "now": timezone.now(), "reason": Reason.PERSON.label}
        record = copy_context().run  # where the request came from is known only until it ends

        def on_left_out(left: Submission) -> None:
            detail = "Bundle left out of the zip: cannot be decrypted"
            record(left.record, AuditEvent.Action.EXPORTED, by=by, detail=detail, reason=Reason.PERSON)

        content = zipped(submission.reference, leaving, about, on_left_out)
        headers = attached(f"{submission.reference}-everything.zip")
        return StreamingHttpResponse(content, content_type="application/zip", headers=headers)

    @staticmethod
    @transaction.atomic
    def _of_the_person(request: HttpRequest, submission: Submission) -> Leaving:
        """What leaves, on record before the first byte."""
        rows = Submission.objects.filter(pk__in=PersonLink.objects.person(submission)).order_by("created_at")
        leaving = list(rows.values_list("pk", "reference"))
        detail, reason = "everything about the person, zip", Reason.PERSON
        exported, by = AuditEvent.Action.EXPORTED, staff(request)
        audit.record_many(exported, leaving, by=by, kind="submission", detail=detail, reason=reason)
        return leaving


def zipped(
    reference: str, leaving: Leaving, about: dict[str, Any], on_left_out: Callable[[Submission], None]
) -> Iterator[bytes]:
    """The zip while it is made: no more than a few submissions are in memory."""
    outlet = Outlet()
    with ZipFile(outlet, "w", ZIP_DEFLATED) as archive:
        for name, texts in (("print.html", _document(reference, leaving, about)), ("data.json", _json(leaving, about))):
            with archive.open(name, "w") as file:
                for text in texts:
                    file.write(text.encode())
                    yield from outlet.take()
        yield from bundles(archive, outlet, _rows(leaving), "collection", on_left_out=on_left_out)
    yield from outlet.take()


def _rows(leaving: Leaving) -> Iterator[Submission]:
    rows = exportable().select_related("assignee", "held_by").prefetch_related("responses__questionnaire")
    return in_order(rows, leaving)


def _document(reference: str, leaving: Leaving, about: dict[str, Any]) -> Iterator[str]:
    """The print view of one submission after another, without a script and with its style sheet inside."""
    context = {"clinic": ClinicProfile.load(), "reference": reference, "style": dossier.style(), **about}
    yield render_to_string("admin/intake/submission/file_head.html", context)
    for number, submission in enumerate(_rows(leaving)):
        part = render_to_string("admin/intake/submission/file_part.html", about | dossier.document(submission))
        yield _numbered(part, number)
    yield "</main>\n</body>\n</html>\n"


def _numbered(html: str, number: int) -> str:
    """Each id once in the document. Only tags are touched: a note may say id="x" as well."""
    return TAG.sub(lambda tag: IDS.sub(rf"\g<0>part-{number}-", tag[0]), html)


def _json(leaving: Leaving, about: dict[str, Any]) -> Iterator[str]:
    made = {"made": about["now"], "by": str(about["by"]), "clinic": ClinicProfile.load().name}
    yield dossier.dumps(made)[:-2] + ',\n  "submissions": ['
    for number, submission in enumerate(_rows(leaving)):
        yield (",\n" if number else "\n") + dossier.dumps(dossier.data(submission))
    yield "\n  ]\n}\n"
