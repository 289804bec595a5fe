"""What the start page tells of the past is counted by the worker every minute, and for the page where it was not."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake import past
from intake.models import KeptFigures, Submission
from tests.factories import make_screening, make_submission, make_user

START = "/admin/"

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def clinician(client):
    user = make_user("intake.view_submission", "intake.read_answers")
    client.force_login(user)
    return user


def some_history(by):
    for days in (1, 8, 20):
        at = timezone.now() - timedelta(days=days)
        make_submission(created_at=at - timedelta(hours=days))
        make_screening(phq9=[2] * 8 + [days % 2], created_at=at)
    for submission in Submission.objects.all()[:4]:
        submission.look(by=by)
        submission.mark_contacted(by=by)


def sections(page):
    """The three sections without the line that says when they were counted."""
    found = re.findall(r'<section aria-labelledby="(?:paces|weeks|bands)-title">.*?</section>', page, re.DOTALL)
    assert len(found) == 3
    return [" ".join(re.sub(r'<p class="desk-quiet">.*?</p>', "", one).split()) for one in found]


def test_the_page_tells_the_same_whether_the_worker_counted_or_not(client, clinician):
    some_history(clinician)
    without = client.get(START).text

    past.keep()
    with_worker = client.get(START).text

    assert sections(with_worker) == sections(without)
    assert "counted every minute" not in without
    assert with_worker.count("counted every minute") == 3


def test_what_the_worker_counted_is_read_and_not_counted_again(client, clinician):
    past.keep()
    some_history(clinician)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(START).text

    assert "none in the last 30 days" in page
    assert not [query for query in queries if "date_trunc" in query["sql"].lower() or "PERCENTILE" in query["sql"]]


def test_an_old_count_is_not_shown(client, clinician):
    past.keep()
    KeptFigures.objects.update(at=timezone.now() - KeptFigures.LATE_AFTER)
    some_history(clinician)

    page = client.get(START).text

    assert "counted every minute" not in page
    assert past.past() == past.count()


def test_the_worker_keeps_one_row_with_nothing_but_numbers_and_codes(clinician):
    some_history(clinician)

    past.keep()
    past.keep()

    (kept,) = KeptFigures.objects.all()
    told = str(kept.told)
    assert kept.told["others"]["received"] + kept.told["alerted"]["received"] == Submission.objects.count()
    assert not [row for row in Submission.objects.all() if row.reference in told or row.name in told]
