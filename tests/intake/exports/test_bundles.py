"""Submissions as FHIR Bundles, one to be saved and many in a zip."""

import re
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from isal import isal_zlib

from clinic.models import AuditEvent
from intake import fhir
from intake.admin import exports
from intake.admin.readable import LOST
from tests.factories import make_screening, make_submission
from tests.intake.exports.leaving import REASON, files, leave, leave_list, lose_key, on_record, words

pytestmark = pytest.mark.usefixtures("packet")


@pytest.mark.parametrize("kind", ["transaction", "collection"])
def test_a_submission_leaves_as_a_bundle_to_be_saved(client, clinician, kind):
    submission = make_screening(phq9=[1] * 9)

    response = leave(client, submission, "export", REASON | {"format": kind})

    assert response.headers["Content-Disposition"] == f'attachment; filename="{submission.reference}.json"'
    assert response.headers["Content-Type"] == "application/fhir+json"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.json()["type"] == kind


def test_many_leave_as_a_zip_with_a_file_for_each(client, clinician, monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 1)
    submissions = [make_submission(), make_screening()]

    response = leave_list(client, "collection")

    found = files(response)
    assert found.keys() == {f"{submission.reference}.json" for submission in submissions}
    assert all(fhir.check_structure(fhir.read_json(text)) == () for text in found.values())
    assert response.streaming
    assert re.fullmatch(
        r'attachment; filename="submissions-\d{4}-\d\d-\d\d\.zip"', response.headers["Content-Disposition"]
    )


def test_a_file_of_the_zip_is_compressed_by_the_quick_library_and_bears_its_day(client, clinician):
    make_screening()

    archive = ZipFile(BytesIO(leave_list(client, "transaction").getvalue()))

    [file], quick = archive.infolist(), isal_zlib.compressobj(wbits=-15)
    assert file.compress_size == len(quick.compress(archive.read(file)) + quick.flush())
    assert date(*file.date_time[:3]) == timezone.localdate()


def test_what_cannot_be_decrypted_is_left_out_and_named_and_on_record(client, clinician):
    known, lost = make_submission(), make_screening()
    lose_key(lost.responses.first(), "document")

    found = files(leave_list(client, "transaction"))

    assert found.keys() == {f"{known.reference}.json", "NOT-EXPORTED.txt"}
    assert found["NOT-EXPORTED.txt"].startswith(f"{lost.reference}: cannot be decrypted.")
    event = AuditEvent.objects.filter(reference=lost.reference, action="exported").last()
    assert (event.detail, event.address, event.reason) == (
        "left out of the zip: cannot be decrypted",
        "127.0.0.1",
        "treatment",
    )


def test_one_that_cannot_be_decrypted_does_not_leave_and_the_page_says_so(client, clinician):
    submission = make_screening()
    lose_key(submission, "name")

    response = leave(client, submission, "export", REASON | {"format": "transaction"})

    assert f"Nothing was exported: a part of it {LOST}." in words(client.get(response.headers["Location"]))
    assert on_record() == []


def test_notes_and_what_became_of_alerts_stay_out_of_the_bundle(client, clinician):
    submission = make_screening(phq9=[0] * 8 + [1])
    submission.alerts.get().resolve(by=clinician, outcome="reached-safe", text="Private remark")

    text = leave(client, submission, "export", REASON | {"format": "transaction"}).content.decode()

    assert "Private remark" not in text
    assert "reached-safe" not in text


def test_the_zip_costs_the_same_queries_for_one_submission_and_for_five(client, clinician, watched):
    make_screening()
    files(leave_list(client, "transaction"))  # so that the permissions' content types are known
    with CaptureQueriesContext(connection) as one:
        files(leave_list(client, "transaction"))
    for _ in range(4):
        make_screening()

    with CaptureQueriesContext(connection) as five:
        found = files(leave_list(client, "transaction"))

    assert len(found) == 5
    assert len(five) == len(one)


@pytest.mark.parametrize("kind", ["transaction", "collection"])
def test_the_front_desk_gets_no_bundle(client, front_desk, kind):
    submission = make_screening()

    assert leave(client, submission, "export", REASON | {"format": kind}).status_code == 403
    assert leave_list(client, kind).status_code == 403
    assert on_record() == []
