"""Invented submissions look like those of a desk at work."""

import pytest
from django.utils import timezone

from intake import samples
from intake.models import SafetyAlert, Score, Submission
from tests.factories import make_user

pytestmark = pytest.mark.usefixtures("packet")


def test_samples_are_of_several_weeks_and_worked_to_different_ends():
    make_user()

    made = [samples.make(number) for number in range(1, 25)]

    stored = Submission.objects.filter(is_sample=True)
    assert stored.count() == len(made)
    assert {"new", "in-review", "contacted"} < set(stored.values_list("status", flat=True))
    assert set(stored.values_list("assignee", flat=True)) > {None}
    assert set(SafetyAlert.objects.values_list("status", flat=True)) == {"open", "acknowledged", "resolved"}
    assert (timezone.now() - min(stored.values_list("created_at", flat=True))).days > 28


def test_what_staff_did_with_a_sample_lies_between_its_receipt_and_now():
    make_user()

    for number in range(1, 13):
        samples.make(number)

    for sample in Submission.objects.exclude(first_contact_at=None):
        assert sample.created_at <= sample.first_seen_at <= sample.first_contact_at <= timezone.now()
    for score in Score.objects.select_related("response__submission"):
        assert score.received_at == score.response.submission.created_at


def test_without_staff_samples_stay_as_they_came_in():
    for number in range(1, 9):
        samples.make(number)

    assert set(Submission.objects.values_list("status", "first_seen_at", "assignee")) == {("new", None, None)}
