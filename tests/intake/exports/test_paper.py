"""A submission as a document for the chart."""

import pytest

from clinic.models import ClinicProfile
from intake.models import Response
from tests.factories import make_screening, make_submission
from tests.intake.exports.leaving import REASON, leave, lose_key, on_record, words

pytestmark = pytest.mark.usefixtures("packet")


def test_the_print_view_is_a_document_with_the_clinic_the_reference_and_everything_for_the_chart(client, clinician):
    ClinicProfile.objects.update(address="1 Slope Street\nBrooklyn", phone="718 555 0100")
    submission = make_screening(
        phq9=[0] * 8 + [1], gad7=[None] + [1] * 6, answers={"stroke": "yes", "stroke-detail": "In 2019"}
    )
    submission.alerts.get(code="suicidal-thoughts").resolve(by=clinician, outcome="reached-safe", text="Called.")
    submission.add_note("Private remark", by=clinician)

    said = words(leave(client, submission, "print"))

    for part in (
        "Park Slope Ketamine David Salvage, M.D., FAPM 1 Slope Street Brooklyn 718 555 0100",
        f"Screening {submission.reference} Status New Received",
        "by Nora Field Reason For another clinician who treats the person",
        "Name Marta Quill",
        "Suicidal thoughts resolved, raised",
        "Reached, and safe for now",
        "1 None to minimal",
        "Not complete: no total, no band",
        "In 2019",
        f"to version {submission.consent.version} (en)",
    ):
        assert part in said
    assert "Private remark" not in said
    assert "Resolve the alert" not in said


def test_what_is_empty_in_the_clinic_profile_is_left_out(client, clinician):
    ClinicProfile.objects.update(physician="", address="", phone="")

    head = leave(client, make_submission(), "print").content.decode().split("</header>")[0]

    assert head.count("<p") == 1
    assert "<address>" not in head


def test_notes_are_printed_when_they_are_asked_for(client, clinician):
    submission = make_submission()
    submission.add_note("Calls back **tomorrow**", by=clinician)

    page = leave(client, submission, "print", REASON | {"notes": "on"})

    assert "Notes of staff Nora Field" in words(page)
    assert "<p>Calls back <strong>tomorrow</strong></p>" in page.content.decode()
    assert on_record("printed") == [(clinician.pk, submission.reference, "answers and notes", "treatment")]


def test_the_front_desk_prints_contact_details_and_status_only(client, front_desk):
    submission = make_screening(phq9=[3] * 9)
    submission.add_note("Private remark", by=front_desk)

    said = words(leave(client, submission, "print", REASON | {"notes": "on"}))

    assert "Marta Quill" in said
    for private in ("better off dead", "Severe", "Suicidal thoughts", "Private remark"):
        assert private not in said
    assert on_record("printed") == [(front_desk.pk, submission.reference, "contact details", "treatment")]


def test_values_whose_key_is_lost_are_told_in_their_place_on_paper(client, clinician):
    submission = make_screening(phq9=[3] * 9)
    lose_key(submission, "name")
    lose_key(Response.objects.get(submission=submission, questionnaire__url__endswith="/phq-9"), "document")

    said = words(leave(client, submission, "print"))

    assert "Name cannot be decrypted" in said
    assert "27 Severe (20 to 27)" in said
    assert "The answers cannot be decrypted: the key that it needs is missing." in said


def test_what_a_patient_wrote_is_printed_as_text(client, clinician):
    page = leave(client, make_submission(name="<script>alert(1)</script>"), "print").content.decode()

    assert "<script>alert(1)" not in page
    assert "style=" not in page
