"""Many invented submissions are what the real way would have left, each with a person, ids and keys of its own."""

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F
from django.utils import timezone

from clinic import seals
from clinic.models import AuditEvent, Message
from intake import bulk
from intake.models import ContactAttempt, Draft, Note, Response, SafetyAlert, Submission
from tests.factories import make_user

COUNT = 240

pytestmark = pytest.mark.usefixtures("packet")


@pytest.fixture
def clinician(db):
    return make_user("intake.view_submission", "intake.read_answers")


@pytest.fixture
def filled(clinician, monkeypatch):
    """Of a few molds, a contact request among them."""
    monkeypatch.setattr(bulk, "MOLDS", 4)
    bulk.fill(COUNT, [clinician])
    return list(Submission.objects.order_by("created_at"))


def test_every_submission_is_whole(filled, clinician):
    assert len(filled) == COUNT
    assert {row.is_sample for row in filled} == {True}
    assert {row.kind for row in filled} == {"contact", "screening"}
    for row in filled:
        assert row.name
        assert row.email or row.phone
        assert row in Submission.objects.reached_at(row.email or row.phone)
        assert row.consent.kind == row.kind
        assert row.responses.count() == (6 if row.kind == "screening" else 0)
    for response in Response.objects.select_related("submission").prefetch_related("scores"):
        resource, submission = response.resource, response.submission
        assert resource["identifier"]["value"] == response.pk.urn
        assert resource["authored"] == submission.created_at.isoformat(timespec="seconds")
        assert {score.received_at for score in response.scores.all()} <= {submission.created_at}
        if response.position == 0:
            assert submission.name in response.document
            assert submission.email in response.document
    assert {note.text for note in Note.objects.all()} == {"An invented note."}
    assert set(Message.objects.values_list("attempts", "error")) == {(1, "")}
    assert not Message.objects.waiting().exists()


def test_people_differ_some_have_written_before_and_staff_have_dealt_with_most(filled):
    assert len({row.reference for row in filled}) == len({row.origin for row in filled}) == COUNT
    assert len({row.name + row.email + row.phone for row in filled}) > COUNT * 0.85
    again = filled[9]
    assert again.name == filled[8].name
    assert again.name != filled[7].name
    opened = [row for row in filled if row.status in Submission.OPEN]
    assert len(opened) == 10
    assert min(row.created_at for row in opened) > timezone.now() - bulk.RECENT - bulk.OLDEST / COUNT
    assert not SafetyAlert.objects.unresolved().exclude(submission__in=opened).exists()
    for row in filled:
        worst = {"urgent": 2, "routine": 1}
        risks = [worst[severity] for severity in row.alerts.values_list("severity", flat=True)]
        assert row.risk == max(risks, default=0)
    resolved = SafetyAlert.objects.filter(status="resolved")
    assert resolved.exists()
    assert not resolved.exclude(note__submission=F("submission")).exists()


def test_times_follow_each_other_the_record_is_whole_and_nothing_is_older_than_it_is_kept(filled):
    now = timezone.now()
    for row in filled:
        times = list(row.events.order_by("pk").values_list("at", flat=True))
        assert times == sorted(times)
        assert row.created_at <= times[0]
        assert times[-1] <= now
        assert row.consented_at - row.created_at < bulk.LONGEST_STEP
        for done in (row.first_seen_at, row.first_contact_at, row.ended_at):
            assert done is None or row.created_at < done <= now
    assert not ContactAttempt.objects.filter(at__lt=F("submission__created_at")).exists()
    assert not SafetyAlert.objects.filter(resolved_at__lt=F("raised_at")).exists()
    events = AuditEvent.objects.filter(kind__in=["submission", "message"])
    by_record = dict(events.values_list("record").annotate(Count("pk")))
    assert {UUID(record) for record in by_record} == {row.pk for row in filled}
    assert events.filter(action="received").count() == COUNT
    assert seals.seal() == AuditEvent.objects.count()
    assert list(seals.faults()) == []
    call_command("purge", stdout=(said := StringIO()), dry_run=True)
    assert "0 rows" in said.getvalue()
    assert set(said.getvalue()) & set("123456789") == set()
    drafts = Draft.objects.select_related("submission")
    assert {(draft.answers == {}, draft.pk == draft.submission.origin) for draft in drafts} == {(True, True)}


def test_the_command_stores_many_and_says_how_fast(clinician, capsys):
    call_command("make_submissions", 150, stdout=(said := StringIO()))

    assert said.getvalue() == "150 invented submissions were stored.\n"
    assert Submission.objects.filter(is_sample=True).count() == 150
    assert "a second" in capsys.readouterr().err
    assert list(seals.faults()) == []
    assert seals.seal() == 0


def test_many_need_somebody_who_works_them(db):
    with pytest.raises(CommandError, match="staff account"):
        call_command("make_submissions", 150)


def test_submissions_are_invented_in_local_mode_only(settings):
    settings.LOCAL = False

    with pytest.raises(CommandError, match="local mode"):
        call_command("make_submissions", 150)
