import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent, ClinicProfile
from intake.admin.inbox import age_of
from intake.models import Submission
from tests.factories import CAN_WORK, make_screening, make_submission, make_user

LIST = "/admin/intake/submission/"
ITEM_9 = [0, 0, 0, 0, 0, 0, 0, 0, 1]
SKIPPED_9 = [0, 0, 0, 0, 0, 0, 0, 0, None]

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def clinician(client):
    user = make_user(*CAN_WORK)
    client.force_login(user)
    return user


@pytest.fixture
def front_desk(client):
    user = make_user("intake.view_submission", "intake.change_submission", email="front@example.org")
    client.force_login(user)
    return user


def listed(response):
    return list(response.context["cl"].result_list)


def cell(response, column):
    """The text of the list's only row in this column."""
    found = re.search(rf'<t[dh] class="[^"]*field-{column}[^"]*">(.*?)</t[dh]>', response.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def search(client, text):
    return client.post(LIST, {"text": text})


def test_the_riskiest_come_first_and_among_equals_the_one_that_has_waited_longest(client, clinician):
    now = timezone.now()
    calm = make_submission(created_at=now - timedelta(days=3))
    newer = make_screening(phq9=ITEM_9, created_at=now - timedelta(hours=1))
    older = make_screening(phq9=ITEM_9, created_at=now - timedelta(hours=2))
    unknown = make_screening(phq9=SKIPPED_9)

    assert listed(client.get(LIST)) == [older, newer, unknown, calm]


def test_only_what_still_needs_somebody_is_shown_at_first(client, clinician):
    made = {status: make_submission(status=status) for status in Submission.Status.values if status != "erased"}

    waiting = listed(client.get(LIST))

    assert {row.status for row in waiting} == {"new", "in-review", "contacted"}
    assert listed(client.get(LIST, {"show": "closed"})) == [made["closed"]]
    assert len(listed(client.get(LIST, {"show": "all"}))) == 6


def test_a_row_tells_risk_totals_bands_status_and_age_in_words(client, clinician):
    submission = make_screening(
        phq9=[2, 2, 2, 2, 2, 2, 0, 0, 1], gad7=[3] * 7, created_at=timezone.now() - timedelta(hours=3), is_sample=True
    )

    response = client.get(LIST)

    assert cell(response, "risk_mark") == "▲ Urgent"
    assert cell(response, "reference") == submission.reference
    assert cell(response, "person") == "Marta Quill"
    assert cell(response, "what") == "Screening Sample"
    assert cell(response, "phq9") == "13 Moderate"
    assert cell(response, "gad7") == "21 Severe"
    assert cell(response, "status") == "New"
    assert cell(response, "age") == "3 h"


def test_a_gap_is_told_as_not_complete_and_never_as_a_number(client, clinician):
    make_screening(phq9=SKIPPED_9, gad7=[0] * 7)

    response = client.get(LIST)

    assert cell(response, "phq9") == "not complete"
    assert cell(response, "gad7") == "0 Minimal"
    assert cell(response, "risk_mark") == "◆ Needs a question"


def test_a_contact_request_was_asked_no_instrument(client, clinician):
    make_submission(is_suspect=True)

    response = client.get(LIST, {"is_suspect__exact": "1"})

    assert (cell(response, "phq9"), cell(response, "gad7")) == ("–", "–")
    assert cell(response, "risk_mark") == "○ No alert raised"
    assert cell(response, "what") == "Contact request May be spam"


def test_the_phq9_filter_finds_a_band_and_what_is_not_complete(client, clinician):
    severe, gap = make_screening(phq9=[3] * 8 + [0]), make_screening(phq9=SKIPPED_9)
    make_submission()

    assert listed(client.get(LIST, {"phq9": "severe"})) == [severe]
    assert listed(client.get(LIST, {"phq9": "incomplete"})) == [gap]


@pytest.mark.parametrize(
    "query", [{"kind__exact": "contact"}, {"risk__exact": "0"}, {"is_suspect__exact": "1"}, {"is_sample__exact": "1"}]
)
def test_each_filter_leaves_only_what_it_says(client, clinician, query):
    wanted = make_submission(is_suspect="is_suspect__exact" in query, is_sample=True)
    make_screening(phq9=ITEM_9)

    assert listed(client.get(LIST, query)) == [wanted]


@pytest.mark.parametrize(
    "typed",
    ["ada.byron@example.org", " Ada.Byron@Example.ORG ", "718-555-0142", "+1 (718) 555 0142", "7185550142"],
)
def test_search_finds_exactly_one_person_however_the_address_or_number_is_written(client, clinician, typed):
    wanted = make_submission(email="Ada.Byron@example.org", phone="(718) 555-0142", status="closed")
    make_submission(email="ada.byron@example.com", phone="(718) 555-0143")

    response = search(client, typed)

    assert response.headers["Location"] == wanted.get_absolute_url()


def test_search_finds_a_reference_however_it_is_written(client, clinician):
    wanted = make_submission()
    make_submission()

    response = search(client, f" {wanted.reference.replace('-', ' ').lower()}")

    assert response.headers["Location"] == wanted.get_absolute_url()


@pytest.mark.parametrize("typed", ["ada.byron@example.org", "732-555-4466", "+1 (718) 555 0142", "Ada Byron"])
def test_nothing_of_a_search_for_a_person_is_in_a_statement_to_the_database(client, clinician, typed):
    number = re.sub(r"\D", "", typed)[-7:]  # whole: three digits, or “ada”, may be in a fingerprint by chance
    words = re.findall(r"[A-Z]{4,}", typed.upper()) or [number]
    reference = make_submission().reference

    def said(text):
        with CaptureQueriesContext(connection) as queries:
            search(client, text)
        return " ".join(query["sql"].upper() for query in queries)

    assert reference in said(reference)
    squeezed = re.sub(r"[^0-9A-Z ]", "", said(typed))
    assert [word for word in words if word in squeezed] == []


def test_several_results_are_listed_and_the_address_holds_nothing_of_the_search(client, clinician):
    found = [make_submission(email="ada@example.org", status=status) for status in ("new", "closed")]
    make_submission(email="other@example.org")

    response = search(client, "ada@example.org")

    assert "ada" not in response.headers["Location"].replace("%2C", ",").split("id__in=")[0]
    assert "example" not in response.headers["Location"]
    assert set(listed(client.get(response.headers["Location"]))) == set(found)


def test_a_search_without_result_says_so_and_keeps_what_was_typed(client, clinician):
    make_submission(email="ada@example.org")

    response = search(client, "ada@example.net")

    page = response.content.decode()
    assert "No submission has this reference, e-mail address or phone number." in page
    assert 'value="ada@example.net"' in page
    assert dict(client.session).keys() & {"_messages", "search"} == set()


@pytest.mark.parametrize("typed", ["", "   ", "a" * 255, "nul\0l"])
def test_a_search_that_cannot_be_made_says_what_to_do(client, clinician, typed):
    response = search(client, typed)

    assert response.status_code == 200
    assert list(response.context["search"].errors) == ["text"]


@pytest.mark.parametrize(
    "lookup", ["email_index__matches", "name__isnull", "phq9_band", "responses__scores__band", "consent__text"]
)
def test_the_address_of_the_list_cannot_ask_for_other_fields(client, clinician, lookup):
    make_submission(email="ada@example.org")

    assert client.get(LIST, {lookup: "ada@example.org"}).status_code == 400


def test_the_list_costs_the_same_queries_for_one_row_and_for_thirty(client, clinician):
    make_screening(phq9=ITEM_9)
    client.get(LIST)  # so that the permissions' content types are known
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(29):
        make_screening(phq9=ITEM_9)

    with CaptureQueriesContext(connection) as thirty:
        response = client.get(LIST)

    assert len(listed(response)) == 30
    assert len(thirty) == len(one)
    assert len(thirty) <= 20


def test_fifty_rows_make_a_page(client, clinician):
    for _ in range(51):
        make_submission()

    assert len(listed(client.get(LIST))) == 50
    assert len(listed(client.get(LIST, {"p": 2}))) == 1


def test_the_front_desk_sees_no_scores_and_cannot_filter_by_them(client, front_desk):
    make_screening(phq9=[3] * 9)

    response = client.get(LIST)

    assert response.context["cl"].list_display == [
        "risk_mark",
        "reference",
        "person",
        "what",
        "status",
        "assignee",
        "age",
    ]
    assert "Severe" not in response.content.decode()
    assert client.get(LIST, {"phq9": "severe"}).headers["Location"] == f"{LIST}?e=1"


def test_the_list_is_for_those_who_may_view_submissions(client):
    client.force_login(make_user())

    assert client.get(LIST).status_code == 403
    assert search(client, "marta@example.org").status_code == 403


def test_a_name_that_cannot_be_decrypted_spoils_nothing_but_its_own_place(client, clinician):
    with override_settings(FIELD_KEYS=(b"l" * 32,)):
        lost = make_submission(name="Lost Person")
    known = make_submission(name="Ada Byron", created_at=timezone.now() + timedelta(minutes=1))

    response = client.get(LIST)

    assert listed(response) == [lost, known]
    assert cell(response, "person") == "cannot be decrypted: the key that it needs is missing"
    assert "Ada Byron" in response.content.decode()


def test_nothing_can_be_added_deleted_or_edited(client, admin_client):
    pk = make_submission().pk

    answers = {
        address: admin_client.post(f"{LIST}{address}").status_code
        for address in ("add/", f"{pk}/delete/", f"{pk}/change/", f"{pk}/history/", f"{pk}/")
    }

    assert answers == {"add/": 404, f"{pk}/delete/": 404, f"{pk}/change/": 405, f"{pk}/history/": 404, f"{pk}/": 404}
    assert Submission.objects.filter(pk=pk).exists()


def test_staff_are_warned_while_nobody_is_told_of_alerts(client, clinician):
    warning = "No one is told of safety alerts by e-mail: the clinic profile names no address."

    assert warning in client.get(LIST).content.decode()

    ClinicProfile.objects.update(alert_emails="on-call@example.org")
    assert warning not in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("waited", "shown"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_an_age_is_told_in_its_largest_whole_unit(waited, shown):
    now = timezone.now()

    assert age_of(now - waited, now) == shown


def test_looking_at_the_list_is_not_a_look_at_anybody(client, clinician):
    make_submission()

    client.get(LIST)

    assert not AuditEvent.objects.filter(action="viewed").exists()


def test_a_look_at_the_list_and_a_search_are_on_record_without_what_was_typed(client, clinician):
    make_submission(email="marta@example.org")

    client.get(LIST, {"show": "all", "alert": "unresolved"})
    client.post(LIST, {"text": "marta@example.org"})
    client.post(LIST, {"text": "nobody@example.org"})
    client.get(reverse("admin:index"))

    events = AuditEvent.objects.filter(action__in=["listed", "searched"]).values_list("actor", "action", "detail")
    assert list(events) == [
        (clinician.pk, "listed", "alert, show"),
        (clinician.pk, "searched", "1 found"),
        (clinician.pk, "searched", "0 found"),
        (clinician.pk, "listed", "start page"),
    ]
