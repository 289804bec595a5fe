"""The start page of the review desk: who needs somebody first, then how the desk stands."""

import re
from datetime import datetime, timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import Heartbeat, Message
from clinic.roles import CLINICIAN, FRONT_DESK, MANAGER
from intake import figures
from intake.models import PHQ9_TOTAL, SafetyAlert, Score, Submission
from intake.templatetags.start_page import lasting
from tests import bulk
from tests.content.factories import make_page
from tests.factories import make_screening, make_submission, make_user

START = "/admin/"
RISKY = [0] * 8 + [1]
GAP = [0] * 8 + [None]
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("packet")


def sign_in(client, role, **fields):
    user = make_user(email=f"{role.split()[0].lower()}@example.org", **fields)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


@pytest.fixture
def clinician(client):
    return sign_in(client, CLINICIAN, first_name="Nora", last_name="Field")


def texts(client, selector):
    """The text of each element with this class on the start page."""
    page = client.get(START).content.decode()
    found = re.findall(rf'<(\w+) class="[^"]*\b{selector}\b[^"]*"[^>]*>(.*?)</\1>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", inner).split()) for _tag, inner in found]


def section(client, name):
    """The words of the section with this id's title."""
    page = client.get(START).content.decode()
    found = re.search(rf'<section[^>]*aria-labelledby="{name}-title">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>|&nbsp;", " ", found[1]).split()) if found else None


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


def test_the_first_look_and_the_first_contact_are_kept_once(client, clinician):
    submission = make_submission()

    client.get(submission.get_absolute_url())
    submission.refresh_from_db()
    seen = submission.first_seen_at
    submission.log_contact(uuid4(), channel="call", outcome="no-answer", next_on=None, by=clinician)
    submission.refresh_from_db()
    called = submission.first_contact_at
    client.get(submission.get_absolute_url())
    submission.mark_contacted(by=clinician)

    submission.refresh_from_db()
    assert submission.created_at < seen < called
    assert (submission.first_seen_at, submission.first_contact_at) == (seen, called)


def test_a_move_to_contacted_is_a_first_contact_and_a_review_is_none(clinician):
    submission = make_submission()

    submission.start_review(by=clinician)
    assert submission.first_contact_at is None

    submission.mark_contacted(by=clinician)
    assert submission.first_contact_at is not None


def received(submission, *, ago, looked=None, called=None, **fields):
    """Let it have come in so long `ago`, first looked at and called so long after that."""
    at = timezone.now() - ago
    Submission.objects.filter(pk=submission.pk).update(
        created_at=at,
        first_seen_at=at + looked if looked else None,
        first_contact_at=at + called if called else None,
        **fields,
    )


def test_times_are_told_as_median_and_90th_percentile_with_alerts_apart():
    hour = timedelta(hours=1)
    for hours in range(1, 12):
        received(make_submission(), ago=10 * DAY, looked=hours * hour, called=2 * hours * hour)
    received(make_submission(), ago=10 * DAY)
    received(make_screening(phq9=RISKY), ago=DAY, looked=timedelta(minutes=10))

    paces = figures.paces()

    assert paces[False] == figures.Pace(
        12, figures.Wait(11, 6 * hour, 10 * hour), figures.Wait(11, 12 * hour, 20 * hour)
    )
    ten = timedelta(minutes=10)
    assert paces[True] == figures.Pace(1, figures.Wait(1, ten, ten), figures.Wait(0, None, None))


def test_what_is_older_than_30_days_or_may_be_spam_is_left_out_of_the_times(client, clinician):
    received(make_submission(), ago=31 * DAY, looked=DAY)
    received(make_submission(), ago=DAY, looked=DAY, is_suspect=True)

    assert [pace.received for pace in figures.paces().values()] == [0, 0]
    assert section(client, "paces").count("none in the last 30 days") == 2


def test_times_say_of_how_many_they_are(client, clinician):
    received(make_submission(), ago=DAY, looked=timedelta(minutes=25))
    received(make_submission(), ago=DAY)

    assert section(client, "paces").endswith(
        "Without a safety alert first look 1 of 2 25 min 25 min first contact 0 of 2 none yet"
    )


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=90), "1.5 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2, hours=12), "2.5 d"),
    ],
)
def test_a_time_is_told_with_one_decimal(span, shown):
    assert lasting(span) == shown


def test_a_week_begins_on_monday_by_the_clinics_clock():
    this = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    midnight = timezone.make_aware(datetime.combine(this - 7 * DAY, datetime.min.time()))
    make_submission(created_at=midnight)
    make_submission(created_at=midnight - timedelta(seconds=1))
    make_screening(created_at=midnight - timedelta(seconds=1))
    make_submission(created_at=midnight - timedelta(weeks=11))
    make_submission()

    weeks = figures.weeks()

    assert len(weeks) == 12
    assert weeks[-3:] == [
        figures.Week(this - 14 * DAY, screenings=1, contacts=1, is_over=True),
        figures.Week(this - 7 * DAY, screenings=0, contacts=1, is_over=True),
        figures.Week(this, screenings=0, contacts=1, is_over=False),
    ]
    assert sum(week.total for week in weeks) == 4


def test_the_phq9_bands_come_in_their_order_with_what_is_not_complete_last():
    for points in ([0] * 9, [1] * 9, [3] * 9, [3] * 9, GAP):
        make_screening(phq9=points)
    old = make_screening(phq9=[2] * 9)
    Score.objects.filter(response__submission=old).update(received_at=timezone.now() - 91 * DAY)

    assert [(band.label, band.count) for band in figures.phq9_bands()] == [
        ("Minimal", 1),
        ("Mild", 1),
        ("Moderate", 0),
        ("Moderately severe", 0),
        ("Severe", 2),
        ("Not complete", 1),
    ]


def test_a_band_that_the_portal_does_not_know_is_counted_under_its_code():
    make_screening(phq9=[1] * 9)
    Score.objects.filter(code=PHQ9_TOTAL).update(band="another")

    assert [(band.label, band.count) for band in figures.phq9_bands() if band.count] == [("another", 1)]


def test_a_drawing_has_words_and_its_numbers_stand_in_a_table(client, clinician):
    make_screening(phq9=[3] * 8 + [0])

    assert "This week so far: 1." in section(client, "weeks")
    assert "(not over) 1 0 1" in section(client, "weeks")
    assert section(client, "bands").endswith("Moderately severe 0 Severe 1 Not complete 0")


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


def test_the_times_of_submissions_that_came_in_before_are_taken_from_the_record(client, clinician):
    submission, untouched = make_screening(), make_submission()
    client.get(submission.get_absolute_url())
    submission.log_contact(uuid4(), channel="call", outcome="reached", next_on=None, by=clinician)
    submission.mark_contacted(by=clinician)
    Submission.objects.update(first_seen_at=None, first_contact_at=None)
    Score.objects.update(received_at=timezone.now() + DAY)
    migration = import_module("intake.migrations.0011_first_times")

    with connection.cursor() as cursor:
        cursor.execute(migration.FIRST_TIMES)
        cursor.execute(migration.RECEIVED)

    submission.refresh_from_db()
    untouched.refresh_from_db()
    assert submission.first_seen_at == submission.events.filter(action="viewed").first().at
    assert submission.first_contact_at == submission.events.filter(action="contact").first().at
    assert (untouched.first_seen_at, untouched.first_contact_at) == (None, None)
    assert set(Score.objects.values_list("received_at", flat=True)) == {submission.created_at}


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


def test_no_figure_reads_a_table_through(clinician):
    bulk.fill(10_000, clinician)

    with CaptureQueriesContext(connection) as queries:
        figures.inbox(clinician), figures.paces(), figures.weeks(), figures.phq9_bands()

    assert len(queries) == 4
    assert [scan for query in queries for scan in whole_table_scans(query["sql"])] == []


def whole_table_scans(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return re.findall("Seq Scan on .*", "\n".join(row[0] for row in cursor))
