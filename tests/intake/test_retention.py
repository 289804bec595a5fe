"""What ended long enough ago is erased without anybody, and drafts are."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.models import ClinicProfile
from clinic.roles import CLINICIAN
from intake.models import Draft, Submission
from tests.factories import make_submission
from tests.intake.test_erasure import PROCEEDING, on_record, somebody

LONG_AGO = timedelta(days=25 * 31)

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def nora(db):
    return somebody(CLINICIAN, "nora@example.org")


def end(submission, by, ago=LONG_AGO):
    submission.close(by=by)
    Submission.objects.filter(pk=submission.pk).update(ended_at=timezone.now() - ago)


def purge(*args):
    out = StringIO()
    call_command("purge", *args, stdout=out)
    return out.getvalue()


def test_what_ended_long_enough_ago_is_erased_like_by_two_people(nora):
    old, young, reopened, waiting = (make_submission() for _ in range(4))
    end(old, nora)
    end(young, nora, timedelta(days=700))
    end(reopened, nora)
    reopened.reopen(by=nora)
    Submission.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - 2 * LONG_AGO)

    assert "declined and closed submissions: 1 rows to delete\n" in purge("--dry-run")
    assert Submission.objects.kept().count() == 4
    assert "declined and closed submissions: 1 rows deleted\n" in purge()

    left = Submission.objects.get(status="erased")
    assert (left.pk, left.name, left.erased_by, left.erasure_asked_by) == (old.pk, "", None, None)
    assert on_record(old, "erasure") == [(None, "erasure", "kept no longer", "")]
    assert "declined and closed submissions: 0 rows deleted\n" in purge()


def test_the_clinic_says_after_how_many_months(nora):
    submission = make_submission()
    end(submission, nora, timedelta(days=200))
    assert Submission.objects.expired().count() == 0

    ClinicProfile.objects.update(submission_months=6)

    assert list(Submission.objects.expired()) == [submission]


def test_a_hold_prevents_retention(nora):
    submission = make_submission()
    end(submission, nora)
    submission.hold(PROCEEDING, by=nora)

    purge()

    assert Submission.objects.get(pk=submission.pk).name == "Marta Quill"


def test_the_time_counts_from_the_last_end(nora):
    submission = make_submission()
    submission.start_review(by=nora)
    submission.decline(by=nora)
    declined = submission.ended_at
    submission.close(by=nora)

    assert declined is not None
    assert submission.ended_at > declined
    submission.reopen(by=nora)
    assert Submission.objects.get(pk=submission.pk).ended_at is None


def test_drafts_are_kept_as_long_as_the_profile_says_and_the_pages_say_that_number(client):
    ClinicProfile.objects.update(draft_days=3)
    draft = Draft.objects.create(language="en", questionnaire_ids=[])
    long_ago = timezone.now() - timedelta(days=4)
    Draft.objects.filter(pk=draft.pk).update(created_at=long_ago)
    assert not Draft.objects.expired()
    Draft.objects.filter(pk=draft.pk).update(updated_at=long_ago)

    assert list(Draft.objects.expired()) == [draft]
    assert "is deleted 3 days after" in client.get("/screening/").content.decode()


@pytest.mark.parametrize("times", [{"draft_days": 0}, {"submission_months": 1}, {"audit_years": 5}])
def test_the_database_refuses_times_that_are_too_short(db, times):
    with pytest.raises(IntegrityError, match="keeps_long_enough"), transaction.atomic():
        ClinicProfile.objects.update(**times)
