"""A list as CSV: what is in it for whom, and that no spreadsheet computes it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.admin import exports
from intake.admin.spreadsheet import CLINICAL, CONTACT, harmless
from tests.factories import make_screening, make_submission
from tests.intake.exports.leaving import LIST, leave_list, lose_key, table, words

pytestmark = pytest.mark.usefixtures("packet")


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
