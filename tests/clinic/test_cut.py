"""The oldest part of the audit record ends after some years; what is left can still be proved."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from clinic import audit, cut, seals
from clinic.models import AuditEvent, ClinicProfile, Seal
from intake.models import Submission
from tests.clinic.test_audit import ROLE, execute, tamper, verified
from tests.factories import make_submission, make_user

YEAR = timedelta(days=366)


def make_old(years, number=2, **about):
    """Events of so many years ago, in a seal of that time."""
    at = timezone.now() - years * YEAR
    values = {"kind": "", "record": "", "reference": "", "detail": "", "reason": ""} | about
    for _ in range(number):
        AuditEvent.objects.create(action="viewed", at=at, **values)
    seals.seal()
    newest = Seal.objects.order_by("-first").first()
    tamper("UPDATE clinic_seal SET at = %s WHERE id = %s", at, newest.pk)
    execute("SET LOCAL session_replication_role = origin")
    return newest


def purge(*args):
    out = StringIO()
    call_command("purge", *args, stdout=out)
    return out.getvalue()


def test_the_owner_deletes_what_is_old_enough_in_whole_ranges_and_the_rest_is_proved(db):
    first, second, witness = make_old(9), make_old(8), make_old(7)
    make_old(2)
    before = AuditEvent.objects.count()

    assert purge("--audit", "--dry-run") == "audit record: 4 events to delete\n"
    assert AuditEvent.objects.count() == before
    assert purge("--audit") == "audit record: 4 events deleted\n"

    assert AuditEvent.objects.first().pk == witness.first
    assert Seal.objects.first() == witness
    event = AuditEvent.objects.get(action="cut")
    assert (event.record, event.reference, event.detail) == (
        str(second.last), second.digest, f"4 events up to {second.last}"
    )  # fmt: skip
    code, said = verified()
    assert code == 0, said
    assert f"What was before event {witness.first} was deleted on" in said
    assert purge("--audit") == "audit record: 0 events deleted\n"
    assert first.last < second.first


def test_a_second_cut_goes_on_from_the_first(db):
    for years in (12, 11, 10, 9):
        make_old(years)
    ClinicProfile.objects.update(audit_years=10)
    assert purge("--audit") == "audit record: 4 events deleted\n"
    ClinicProfile.objects.update(audit_years=6)

    assert purge("--audit") == "audit record: 2 events deleted\n"

    seals.seal()
    assert verified()[0] == 0


def test_what_is_younger_stays_whatever_the_profile_would_say(db):
    make_old(5)
    make_old(4)

    assert purge("--audit") == "audit record: 0 events deleted\n"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute("DELETE FROM clinic_auditevent")


@pytest.mark.parametrize("change", ["UPDATE clinic_auditevent SET detail = 'x'", "UPDATE clinic_seal SET rows = 0"])
def test_what_is_old_may_go_but_is_never_changed(db, change):
    make_old(8)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(change)


def test_the_role_of_the_application_deletes_nothing_and_says_who_can(db):
    for years in (9, 8, 7):
        make_old(years)
    call_command("grant_application_role", ROLE, stdout=StringIO())
    execute(f"SET LOCAL ROLE {ROLE}")

    assert "audit record: 4 events to delete, by the owner of the tables: purge --audit\n" in purge()
    with pytest.raises(CommandError, match="address of the owner"):
        purge("--audit")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        cut.cut()
    assert verified()[0] == 0


def test_purge_without_the_option_leaves_the_record_to_the_owner_even_as_the_owner(db):
    for years in (9, 8, 7):
        make_old(years)

    purge()

    assert AuditEvent.objects.filter(action="viewed").count() == 6


def test_a_range_deleted_without_an_event_is_found(db):
    gone, _, _ = make_old(9), make_old(8), make_old(7)
    execute("DELETE FROM clinic_auditevent WHERE id <= %s", gone.last)
    execute("DELETE FROM clinic_seal WHERE id = %s", gone.pk)

    code, said = verified()

    assert (code, "The seals between event 0 and event" in said) == (1, True)


def test_younger_events_deleted_under_the_cover_of_a_made_up_event_are_found(db):
    """Somebody who owns the database and has no key writes the event that a cut would have written."""
    gone = make_old(3)
    make_old(2)
    tamper("DELETE FROM clinic_auditevent WHERE id <= %s", gone.last)
    tamper("DELETE FROM clinic_seal WHERE id = %s", gone.pk)
    audit.record(AuditEvent.Action.CUT, by=None, kind="auditevent", record=gone.last, reference=gone.digest)
    seals.seal()

    code, said = verified()

    assert (code, "does not prove that what was deleted was old enough" in said) == (1, True)


def test_a_made_up_digest_does_not_carry_the_chain_on(db):
    for years in (9, 8, 7):
        make_old(years)
    purge("--audit")
    event = AuditEvent.objects.get(action="cut")
    audit.record(AuditEvent.Action.CUT, by=None, kind="auditevent", record=event.record, reference="0" * 64)

    code, said = verified()

    assert (code, "was changed after it had been sealed" in said) == (1, True)


def test_what_is_on_record_about_a_submission_on_hold_stays(db):
    nora = make_user(email="nora@example.org")
    submission = make_submission()
    make_old(9)
    held = make_old(8, kind="submission", record=str(submission.pk))
    make_old(7), make_old(7)
    everything = AuditEvent.objects.count()
    assert cut.to_go() == everything - 2

    Submission.objects.get(pk=submission.pk).hold("hold-proceeding", by=nora)

    assert cut.last_to_go() is None or cut.last_to_go().last < held.first
