"""What an installation of the first release brings with it."""

from importlib import import_module

from django.apps import apps
from django.db import connection

from intake.models import Submission
from tests.factories import make_screening, make_submission, make_user


def test_a_submission_that_was_closed_with_an_alert_is_open_again(packet):
    closed, plain = make_screening(phq9=[0] * 8 + [1]), make_submission()
    Submission.objects.update(status="closed", open_risk=0)

    import_module("intake.migrations.0004_open_risk").open_all(apps, None)

    found = {row.pk: (row.status, row.open_risk) for row in Submission.objects.all()}
    assert found == {closed.pk: ("in-review", 2), plain.pk: ("closed", 0)}


def test_retention_counts_from_when_the_record_says_that_a_submission_ended(packet):
    nora = make_user(email="nora@example.org")
    declined, untold, opened = make_submission(), make_submission(status="closed"), make_submission()
    for submission in (declined, opened):
        submission.start_review(by=nora)
        submission.decline(by=nora)
    opened.reopen(by=nora)
    Submission.objects.update(ended_at=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("intake.migrations.0013_ended").ENDED)

    last = declined.events.filter(action="status").latest("pk").at
    found = dict(Submission.objects.values_list("pk", "ended_at"))
    assert found == {declined.pk: last, untold.pk: untold.created_at, opened.pk: None}


def test_a_submission_of_before_gets_the_phq9_band_of_its_score(packet):
    severe, unfinished, contact = make_screening(phq9=[3] * 9), make_screening(phq9=[None] * 9), make_submission()
    Submission.objects.update(phq9_band=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("intake.migrations.0017_phq9_bands").BANDS)

    found = dict(Submission.objects.values_list("pk", "phq9_band"))
    assert found == {severe.pk: "severe", unfinished.pk: "", contact.pk: None}
    assert found == {row.pk: row.phq9_band for row in (severe, unfinished, contact)}  # as what comes in now
