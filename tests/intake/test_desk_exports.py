"""What leaves the review desk: for whom, with what in it, and what is on record of it."""

import csv
import io
import re
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinic.models import AuditEvent, ClinicProfile
from clinic.roles import CLINICIAN, FRONT_DESK
from intake import fhir
from intake.admin import exports
from intake.admin.readable import LOST
from intake.admin.spreadsheet import BOM, CLINICAL, CONTACT, harmless
from intake.export import Reason
from intake.models import Response, Submission
from tests.factories import make_screening, make_submission, make_user

LIST = "/admin/intake/submission/"
REASON = {"reason": "treatment"}
LOST_KEY = (b"l" * 32,)

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def clinician(client):
    user = make_user(first_name="Nora", last_name="Field")
    user.groups.add(Group.objects.get(name=CLINICIAN))
    client.force_login(user)
    return user


@pytest.fixture
def front_desk(client):
    user = make_user(email="front@example.org")
    user.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(user)
    return user


def leave(client, submission, how, data=REASON):
    return client.post(submission.get_absolute_url().replace("/change/", f"/{how}/"), data)


def leave_list(client, kind, query="", **data):
    return client.post(f"{LIST}export/{query}", REASON | {"format": kind} | data)


def table(response):
    text = response.getvalue().decode()
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def files(response):
    archive = ZipFile(io.BytesIO(response.getvalue()))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def on_record(action="exported"):
    return list(AuditEvent.objects.filter(action=action).values_list("actor", "reference", "detail", "reason"))


def lose_key(row, field):
    known = getattr(row, field)
    with override_settings(FIELD_KEYS=LOST_KEY):
        setattr(row, field, f"{known} ")
        row.save(update_fields=[field])


# Spreadsheet


def test_the_csv_of_a_clinician_tells_contact_risk_and_totals(client, clinician):
    submission = make_screening(phq9=[3] * 9, gad7=[None] * 7, person={"name": "Marta Quill"})
    submission.assign(clinician, by=clinician)

    [row] = table(leave_list(client, "csv"))

    assert list(row) == [column.title for column in CONTACT + CLINICAL]
    assert row.pop("Received").startswith("20")
    assert row == {
        "Reference": submission.reference,
        "Kind": "Screening",
        "Status": "New",
        "Assigned to": "Nora Field",
        "Language of the form": "English",
        "Name": "Marta Quill",
        "E-mail": "marta@example.org",
        "Phone": "",
        "Prefers": "E-mail",
        "Best time": "",
        "Next contact due": "",
        "Risk": "Urgent",
        "Alerts not resolved": "Suicidal thoughts",
        "PHQ-9 total": "27",
        "PHQ-9 band": "Severe",
        "GAD-7 total": "not complete",
        "GAD-7 band": "",
        "Date of birth": "1980-02-29",
    }


def test_the_csv_of_the_front_desk_holds_contact_details_and_nothing_of_the_answers(client, front_desk):
    make_screening(phq9=[3] * 9)

    [row] = table(leave_list(client, "csv"))

    assert list(row) == [column.title for column in CONTACT]
    assert not {"Urgent", "Severe", "27", "Suicidal thoughts", "1980-02-29"} & set(row.values())


def test_the_export_holds_what_the_filtered_list_shows_on_all_its_pages(client, clinician, monkeypatch):
    monkeypatch.setattr(exports, "LINES", 2)
    monkeypatch.setattr("intake.admin.submissions.SubmissionAdmin.list_per_page", 2)
    wanted = [make_submission(status="closed") for _ in range(5)]
    make_submission()

    rows = table(leave_list(client, "csv", "?show=closed"))

    assert [row["Reference"] for row in rows] == [submission.reference for submission in wanted]


def test_the_result_of_a_search_can_be_exported(client, clinician):
    found = [make_submission(email="ada@example.org") for _ in range(2)]
    make_submission(email="other@example.org")
    address = client.post(LIST, {"text": "ada@example.org"}).headers["Location"]

    rows = table(leave_list(client, "csv", f"?{address.split('?')[1]}"))

    assert {row["Reference"] for row in rows} == {submission.reference for submission in found}


def test_the_list_leads_to_its_export_with_the_same_filters(client, clinician):
    make_submission(status="closed")

    page = client.get(LIST, {"show": "closed", "alert": "resolved"}).content.decode()

    assert f'href="{LIST}export/?show=closed&amp;alert=resolved"' in page
    assert "1 submission" in words(client.get(f"{LIST}export/?show=closed"))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+17185550142", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\ttab", "\rcr", "  =1", "\u00a0=1", "\u200b=1",
     "\n@x", "＝1+1", "＋1", "－1", "＠x", "\x00=1"],
)  # fmt: skip
def test_what_a_spreadsheet_may_compute_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ana-María", "a=b", "(718) 555-0142", "ada+x@example.org", "1-2", "'=1"])
def test_what_a_spreadsheet_only_shows_stays_as_it_is(text):
    assert harmless(text) == text


# What a spreadsheet may pass over: controls, marks of direction and of joining, spaces.
unseen = st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zp", "Zs"]))


@settings(max_examples=50)
@given(before=unseen, sign=st.sampled_from("=+-@＝＋－＠"), rest=st.text())
@example(before="\u202e\u2066\u00ad", sign="=", rest="1+1")
def test_nothing_that_is_not_seen_hides_the_beginning_of_a_formula(before, sign, rest):
    assert harmless(before + sign + rest) == f"'{before}{sign}{rest}"


@settings(max_examples=50)
@given(seen=st.characters(categories=["L", "N"]), rest=st.text())
def test_what_begins_with_a_letter_or_a_digit_stays_as_it_is(seen, rest):
    assert harmless(seen + rest) == seen + rest


def test_formulas_quotes_and_line_breaks_come_out_as_one_cell(client, clinician):
    make_submission(name='=HYPERLINK("https://evil.example";"x")', best_time='a "b",\nc;\n=1', phone="+1 718 555 0142")

    response = leave_list(client, "csv")
    [row] = table(response)

    assert row["Name"] == '\'=HYPERLINK("https://evil.example";"x")'
    assert row["Best time"] == 'a "b",\nc;\n=1'
    assert row["Phone"] == "'+1 718 555 0142"
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_a_value_whose_key_is_lost_spoils_nothing_but_its_own_cell(client, clinician):
    lost = make_submission(name="Lost Person")
    lose_key(lost, "name")
    make_submission(name="Ada Byron")

    assert [row["Name"] for row in table(leave_list(client, "csv"))] == [
        "cannot be decrypted: the key that it needs is missing",
        "Ada Byron",
    ]


def test_the_csv_costs_the_same_queries_for_one_row_and_for_ten(client, clinician):
    make_screening(phq9=[1] * 9)
    table(leave_list(client, "csv"))  # so that the permissions' content types are known
    with CaptureQueriesContext(connection) as one:
        table(leave_list(client, "csv"))
    for _ in range(9):
        make_screening(phq9=[1] * 9)

    with CaptureQueriesContext(connection) as ten:
        rows = table(leave_list(client, "csv"))

    assert len(rows) == 10
    assert len(ten) == len(one)


# Bundles


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


def test_the_zip_costs_the_same_queries_for_one_submission_and_for_five(client, clinician):
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


# Paper


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


# Reason and record


def test_an_export_of_many_is_on_record_for_each_and_as_a_whole(client, clinician):
    first, second = make_submission(), make_submission()

    leave_list(client, "csv", "?kind__exact=contact&show=all")

    assert on_record() == [
        (clinician.pk, first.reference, "CSV, columns all", "treatment"),
        (clinician.pk, second.reference, "CSV, columns all", "treatment"),
        (clinician.pk, "", "CSV, columns all: 2 in all, filters: kind__exact, show", "treatment"),
    ]
    assert set(AuditEvent.objects.filter(action="exported").values_list("address", flat=True)) == {"127.0.0.1"}
    assert first.events.filter(action="exported").count() == 1


def test_it_is_on_record_before_the_first_byte_leaves(client, clinician):
    make_submission()

    response = leave_list(client, "transaction")

    assert response.streaming
    assert len(on_record()) == 2


def test_exactly_what_is_on_record_leaves_whatever_happens_meanwhile(client, clinician):
    kept, gone = make_submission(), make_submission()

    response = leave_list(client, "csv")
    kept.close(by=clinician)
    Submission.objects.filter(pk=gone.pk).delete()
    make_submission()

    assert [row["Reference"] for row in table(response)] == [kept.reference]


@pytest.mark.parametrize("reason", ["", "because Marta Quill asked"])
@pytest.mark.parametrize("how", ["print", "export"])
def test_nothing_leaves_without_a_reason_of_the_list(client, clinician, how, reason):
    submission = make_submission()

    response = leave(client, submission, how, {"reason": reason, "format": "transaction"})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert "marta@example.org" not in response.content.decode()
    assert on_record() == on_record("printed") == []


def test_another_form_that_is_refused_does_not_ask_for_a_reason(client, clinician):
    response = leave(client, make_submission(), "note", {"text": ""})

    assert response.status_code == 422
    assert not response.context["forms"]["export"].is_bound


def test_no_list_leaves_without_a_reason(client, clinician):
    make_submission()

    response = leave_list(client, "csv", reason="")

    assert response.status_code == 422
    assert "Choose a reason: it is kept on record with what leaves." in words(response)
    assert on_record() == []


def test_a_format_that_does_not_exist_is_refused(client, clinician):
    submission = make_submission()

    assert leave(client, submission, "export", REASON | {"format": "pdf"}).status_code == 400
    assert leave_list(client, "pdf").status_code == 400
    assert on_record() == []


def test_an_empty_list_has_nothing_to_export(client, clinician):
    response = leave_list(client, "csv")

    assert "there is nothing to export" in words(response)
    assert on_record() == []


def test_the_history_tells_what_left_and_why(client, clinician):
    submission = make_submission()

    leave(client, submission, "export", REASON | {"format": "collection"})
    leave(client, submission, "print")

    page = words(client.get(submission.get_absolute_url()))
    assert "Exported: FHIR collection (For another clinician who treats the person) by Nora Field" in page
    assert "Printed: answers (For another clinician who treats the person) by Nora Field" in page


def test_every_reason_fits_into_the_record():
    assert all(len(code) <= AuditEvent._meta.get_field("reason").max_length for code in Reason.values)


@pytest.mark.parametrize("query", ["?email_index__matches=ada@example.org", "?consent__text=x"])
def test_the_address_of_an_export_cannot_ask_for_other_fields(client, clinician, query):
    assert leave_list(client, "csv", query).status_code == 400


def test_the_front_desk_cannot_choose_an_export_by_its_scores(client, front_desk):
    make_screening(phq9=[3] * 9)

    assert leave_list(client, "csv", "?phq9=severe").headers["Location"] == f"{LIST}?e=1"
    assert on_record() == []


def test_looking_is_not_exporting(client):
    client.force_login(make_user("intake.view_submission", "intake.read_answers"))
    submission = make_submission()

    assert leave(client, submission, "print").status_code == 403
    assert leave(client, submission, "export").status_code == 403
    assert leave_list(client, "csv").status_code == 403
    assert "Print or export" not in client.get(submission.get_absolute_url()).content.decode()
    assert "Export this list" not in client.get(LIST).content.decode()
    assert client.get(submission.get_absolute_url().replace("/change/", "/print/")).status_code == 403
