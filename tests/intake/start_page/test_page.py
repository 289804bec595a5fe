"""The start page of the review desk: who needs somebody first, then how the desk stands."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import Heartbeat, Message
from clinic.roles import FRONT_DESK, MANAGER
from intake import figures
from intake.models import SafetyAlert, Submission
from tests import bulk
from tests.content.factories import make_page
from tests.factories import make_screening, make_submission, make_user
from tests.intake.start_page.shown import START, section, sign_in, texts

RISKY = [0] * 8 + [1]
GAP = [0] * 8 + [None]
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("packet")


def test_alerts_come_first_the_urgent_ones_that_nobody_has_on_top_and_then_the_longest_waiting(client, clinician):
    unseen, taken, routine = make_screening(phq9=RISKY), make_screening(phq9=RISKY), make_screening(phq9=GAP)
    for submission, hours in ((unseen, 2), (taken, 5), (routine, 30)):
        submission.alerts.update(raised_at=timezone.now() - timedelta(hours=hours))
    taken.alerts.get().acknowledge(by=clinician)
    taken.assign(clinician, by=clinician)

    assert texts(client, "desk-case") == [
        f"{unseen.reference} ▲ Urgent Suicidal thoughts open for 2 h acknowledged by nobody yet assigned to nobody",
        f"{taken.reference} ▲ Urgent Suicidal thoughts open for 5 h acknowledged by Nora Field assigned to Nora Field",
        f"{routine.reference} ◆ Needs a question Item 9 unanswered open for 30 h"
        " acknowledged by nobody yet assigned to nobody",
    ]


def test_an_alert_leads_to_its_submission_and_leaves_when_it_is_resolved(client, clinician):
    submission = make_screening(phq9=RISKY)

    assert f'href="{submission.get_absolute_url()}"' in client.get(START).content.decode()

    submission.alerts.get().resolve(by=clinician, outcome="reached-safe", text="Called.")
    assert section(client, "alerts") == "Safety alerts No safety alert is open."


def test_twenty_alerts_are_shown_and_the_others_counted(client, clinician):
    for _ in range(23):
        make_screening(phq9=RISKY)

    assert len(texts(client, "desk-case")) == 20
    assert "and 3 more" in section(client, "alerts")


def test_the_front_desk_sees_that_there_is_an_alert_and_not_what_it_is_about(client):
    sign_in(client, FRONT_DESK)
    submission = make_screening(phq9=RISKY)

    assert texts(client, "desk-case") == [
        f"{submission.reference} ▲ Urgent open for 0 min acknowledged by nobody yet assigned to nobody"
    ]
    assert section(client, "bands") is None
    assert "Suicidal" not in client.get(START).content.decode()


def test_a_manager_sees_nothing_of_submissions_but_how_the_site_runs(client):
    sign_in(client, MANAGER)
    submission = make_screening(phq9=RISKY)

    assert [section(client, name) for name in ("alerts", "inbox", "paces", "weeks", "bands")] == [None] * 5
    assert section(client, "running").startswith("E-mails and worker")
    assert submission.reference not in client.get(START).content.decode()
    assert "Crisis lines" not in client.get(START).content.decode()


def test_nothing_that_a_person_wrote_is_on_the_start_page(client, clinician):
    make_screening(phq9=RISKY, person={"name": "Marta Quill"})
    make_submission(name="Jo Fenn", email="jo@example.org", message="Please call.")

    page = client.get(START).content.decode()

    assert [word for word in ("Marta", "Quill", "Jo Fenn", "jo@example.org", "Please call") if word in page] == []


def test_what_waits_is_told_by_status_and_age(clinician):
    now = timezone.now()
    for status, age in (("new", 0.5), ("new", 2), ("new", 4), ("contacted", 3.5), ("closed", 9), ("scheduled", 9)):
        make_submission(status=status, created_at=now - age * DAY)

    new, in_review, contacted = figures.inbox(clinician).statuses

    assert (new.label, new.count, new.over_one_day, new.over_three_days) == ("New", 3, 2, 1)
    assert new.oldest_at == now - 4 * DAY
    assert (in_review.label, in_review.count, in_review.oldest_at) == ("In review", 0, None)
    assert (contacted.count, contacted.over_one_day, contacted.over_three_days) == (1, 1, 1)


def test_what_is_mine_unassigned_and_due_counts_only_what_is_open(clinician):
    other = make_user(email="other@example.org")
    today = timezone.localdate()
    for assignee, due, status in (
        (clinician, today, "new"),
        (clinician, today + DAY, "contacted"),
        (other, today - DAY, "in-review"),
        (None, None, "new"),
        (clinician, today, "closed"),
        (None, today, "declined"),
    ):
        submission = make_submission(status=status)
        Submission.objects.filter(pk=submission.pk).update(assignee=assignee, next_contact_on=due)

    inbox = figures.inbox(clinician)

    assert (inbox.count, inbox.mine, inbox.unassigned, inbox.due) == (4, 2, 1, 2)


@pytest.mark.parametrize("query", ["", "?show=new", "?show=contacted", "?who=me", "?who=nobody", "?due=now"])
def test_each_number_leads_to_the_list_of_just_these(client, clinician, query):
    submission = make_submission()
    for fields in ({}, {"assignee": clinician, "next_contact_on": timezone.localdate()}, {"status": "contacted"}):
        Submission.objects.filter(pk=make_submission().pk).update(**fields)
    submission.close(by=clinician)

    page = client.get(START).content.decode()
    link = re.search(rf'<a href="/admin/intake/submission/{re.escape(query)}">(.*?)</a>(.*?)</td>', page, re.DOTALL)
    number = re.search(r"\d+", re.sub(r"<[^>]+>", " ", link[1] + link[2]))

    listed = client.get(f"/admin/intake/submission/{query}").context["cl"].result_list
    assert len(listed) == int(number[0])


def test_pages_overdue_for_review_are_listed_the_longest_first(client, clinician):
    for slug, days in (("types", 3), ("mechanism", 20), ("notes", -5)):
        page = make_page(slug, title=slug.capitalize())
        page.mark_reviewed(by=clinician)
        day = timezone.localdate() - days * DAY
        page.reviews.update(reviewed_on=day - 180 * DAY, next_review_on=day)
    make_page("why-ketamine")

    words = section(client, "pages")

    assert re.findall(r"Mechanism|Types|Notes", words) == ["Mechanism", "Types"]
    assert words.endswith("1 page never reviewed")


def test_pages_are_only_for_those_who_may_see_them(client):
    sign_in(client, FRONT_DESK)

    assert section(client, "pages") is None


def test_failed_and_late_e_mails_are_counted_and_lead_to_their_list_for_those_who_may(client):
    now = timezone.now()
    make = Message.objects.create
    given_up = make(template="safety_alert", failed_at=now)
    late = make(template="contact_receipt", created_at=now - timedelta(minutes=11))
    make(template="contact_receipt", created_at=now - timedelta(minutes=11), sent_at=now)
    make(template="contact_receipt", failed_at=now - 8 * DAY)
    words = "1 e-mail given up in the last 7 days, 1 e-mail late"

    sign_in(client, FRONT_DESK)
    assert words in section(client, "running")
    assert "/admin/clinic/message/" not in client.get(START).content.decode()

    sign_in(client, MANAGER)
    assert words in section(client, "running")
    assert "/admin/clinic/message/?trouble=now" in client.get(START).content.decode()
    listed = client.get("/admin/clinic/message/?trouble=now").context["cl"].result_list
    assert set(listed) == {given_up, late}


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (None, "The worker has never run: no e-mail is sent."),
        (timedelta(minutes=7), "The worker does not run: last seen 7 minutes ago."),
        (timedelta(seconds=-5), "The worker runs: last seen 0 s ago."),
    ],
)
def test_the_state_of_the_worker_is_told(client, clinician, seen, said):
    if seen is not None:
        Heartbeat.objects.create(name="worker", at=timezone.now() - seen)

    assert said in section(client, "running")


def test_the_page_costs_the_same_queries_for_ten_submissions_and_for_ten_thousand(client, clinician):
    for _ in range(10):
        make_screening(phq9=RISKY)
    client.get(START)  # so that the permissions' content types are known
    with CaptureQueriesContext(connection) as few:
        client.get(START)
    bulk.fill(10_000, clinician)

    with CaptureQueriesContext(connection) as many:
        page = client.get(START).content.decode()

    assert SafetyAlert.objects.unresolved().count() == 60
    assert "and 40 more" in page
    assert len(many) == len(few) < 23
