"""What an installation of the first release brings with it."""

from importlib import import_module

from django.apps import apps

from intake.models import Submission
from tests.factories import make_screening, make_submission


def test_a_submission_that_was_closed_with_an_alert_is_open_again(packet):
    closed, plain = make_screening(phq9=[0] * 8 + [1]), make_submission()
    Submission.objects.update(status="closed", open_risk=0)

    import_module("intake.migrations.0004_open_risk").open_all(apps, None)

    found = {row.pk: (row.status, row.open_risk) for row in Submission.objects.all()}
    assert found == {closed.pk: ("in-review", 2), plain.pk: ("closed", 0)}
