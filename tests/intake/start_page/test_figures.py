"""The start page's figures of the past: how soon staff came to what came in, the weeks, the PHQ-9 bands."""

import re
from datetime import datetime, timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake import figures
from intake.models import PHQ9_TOTAL, Score, Submission
from intake.templatetags.start_page import lasting
from tests import bulk
from tests.factories import make_screening, make_submission
from tests.intake.start_page.shown import section

RISKY = [0] * 8 + [1]
GAP = [0] * 8 + [None]
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("packet")


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
