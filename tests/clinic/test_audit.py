"""The record of who did what: it is only added to, and it can be proved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import audit, seals
from clinic.models import AuditEvent, ClinicProfile, Seal, User
from clinic.roles import FRONT_DESK
from clinic.site import AuditedAdmin
from intake.models import Draft
from tests.factories import make_screening, make_submission, make_user

ROLE = "audit_test_role"
APPEND_ONLY = ("clinic_auditevent", "clinic_seal")


def make_events(number=3):
    user = User.objects.filter(email="nora@example.org").first() or make_user(email="nora@example.org")
    for at in range(number):
        audit.record(AuditEvent.Action.CHANGED, by=user, kind="clinicprofile", record=1, detail=f"field {at}")
    return AuditEvent.objects.order_by("-pk")[:number]


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def tamper(sql, *values):
    """Change what is on record as somebody could who owns the server: no trigger runs."""
    execute("SET LOCAL session_replication_role = replica")
    execute(sql, *values)


def verified(*args):
    out = StringIO()
    try:
        call_command("verify_audit", *args, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_what_is_on_record_even_to_its_owner(db, table, change):
    make_events()
    seals.seal()
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(change.format(table))


def test_the_code_refuses_as_well(db):
    event = make_events()[0]

    with pytest.raises(TypeError, match="append-only"):
        event.save()
    with pytest.raises(TypeError, match="append-only"):
        event.delete()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_role_of_the_application_lacks_the_privilege_without_any_trigger(db, table, change):
    call_command("grant_application_role", ROLE, stdout=StringIO())
    execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    execute(f"SET LOCAL ROLE {ROLE}")

    with pytest.raises(DatabaseError, match=f"permission denied for table {table}"), transaction.atomic():
        execute(change.format(table))


def test_the_role_of_the_application_can_do_its_work_and_not_touch_the_schema(db):
    execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")  # as some servers have it
    call_command("grant_application_role", ROLE, stdout=StringIO())
    execute(f"SET LOCAL ROLE {ROLE}")

    make_submission()
    assert Draft.objects.with_token("of nobody") is None
    seals.seal()
    User.objects.filter(email="nobody@example.org").delete()

    assert AuditEvent.objects.filter(action="received").count() == 1
    for change in ("CREATE TABLE mine (id int)", "DROP TABLE intake_note", "DELETE FROM django_migrations"):
        with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
            execute(change)


def test_many_are_recorded_as_one_by_one_and_are_sealed_with_the_rest(db, django_assert_num_queries):
    nora = make_user(email="nora@example.org")
    rows = [(uuid4(), "AAAAA-22222"), (uuid4(), "B" * 300)]

    with audit.during_request("192.0.2.7"), django_assert_num_queries(1):
        audit.record_many(AuditEvent.Action.EXPORTED, rows, by=nora, kind="submission", detail="CSV", reason="person")

    told = ("actor", "action", "kind", "record", "reference", "address", "detail", "reason")
    assert list(AuditEvent.objects.filter(action="exported").values_list(*told)) == [
        (nora.pk, "exported", "submission", str(row), reference[:200], "192.0.2.7", "CSV", "person")
        for row, reference in rows
    ]
    seals.seal()
    assert verified()[0] == 0


def test_what_was_sealed_is_proved(db):
    make_events(4)
    assert seals.seal() == 4
    make_events(2)

    code, said = verified()

    assert code == 0
    assert said.startswith("4 events are as they were sealed; 2 are not sealed yet.\n")
    assert Seal.objects.get().digest in said


def test_seals_are_made_in_batches_that_follow_each_other(db, monkeypatch):
    monkeypatch.setattr(seals, "BATCH", 2)
    make_events(5)

    assert seals.seal() == 5
    assert seals.seal() == 0

    assert list(Seal.objects.values_list("rows", flat=True)) == [2, 2, 1]
    assert verified()[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE clinic_auditevent SET detail = 'something else' WHERE id = %s",
        "UPDATE clinic_auditevent SET at = at + interval '1 microsecond' WHERE id = %s",
        "UPDATE clinic_auditevent SET actor_id = NULL WHERE id = %s",
        "UPDATE clinic_auditevent SET address = '10.0.0.9' WHERE id = %s",
    ],
)
def test_a_changed_event_is_found(db, change):
    event = make_events()[1]
    seals.seal()
    tamper(change, event.pk)

    code, said = verified()

    assert (code, "was changed after it had been sealed" in said) == (1, True)


def test_a_missing_event_and_one_put_in_later_are_found(db):
    first, second, third = reversed(make_events())
    seals.seal()
    tamper("DELETE FROM clinic_auditevent WHERE id = %s", second.pk)

    assert verified() == (1, f"Of the events 1 to {third.pk}, {Seal.objects.get().rows} were sealed and 2 are there.\n")
    assert first.pk < second.pk


def test_a_missing_seal_is_found(db, monkeypatch):
    monkeypatch.setattr(seals, "BATCH", 1)
    make_events(3)
    seals.seal()
    tamper("DELETE FROM clinic_seal WHERE id = (SELECT max(id) - 1 FROM clinic_seal)")

    code, said = verified()

    assert (code, "are missing" in said) == (1, True)


def test_a_record_whose_end_was_cut_off_is_found_by_a_digest_kept_elsewhere(db, monkeypatch):
    monkeypatch.setattr(seals, "BATCH", 1)
    make_events(2)
    seals.seal()
    kept = Seal.objects.last()
    assert verified("--seal", kept.digest)[0] == 0

    tamper("DELETE FROM clinic_auditevent WHERE id = %s", kept.last)
    tamper("DELETE FROM clinic_seal WHERE id = %s", kept.pk)

    assert verified()[0] == 0
    assert verified("--seal", kept.digest)[0] == 1


@pytest.fixture
def forged(db, settings):
    """Events that were sealed with a key of somebody else, or with one of ours that was lost."""
    make_events()
    with_ours = settings.FIELD_KEYS
    settings.FIELD_KEYS = (b"a key of somebody else, 32 bytes",)
    seals.seal()
    settings.FIELD_KEYS = with_ours


def test_a_chain_made_by_somebody_without_the_keys_is_found(forged):
    assert verified() == (1, "The newest seal was not made with a key of FIELD_KEYS.\n")


def test_nothing_is_sealed_on_top_of_a_chain_made_by_somebody_without_the_keys(forged):
    make_events()

    assert seals.seal() == 0

    assert verified() == (1, "The newest seal was not made with a key of FIELD_KEYS.\n")


def test_after_the_keys_were_lost_the_chain_goes_on_when_somebody_says_so_on_record(forged):
    told = StringIO()
    call_command("seal_audit", stdout=told)

    assert told.getvalue().startswith("Sealed on, on your word, from the seal")
    assert (AuditEvent.objects.last().kind, AuditEvent.objects.last().pk) == ("keys", Seal.newest().last)
    code, said = verified()
    assert (code, f"What was before event {Seal.newest().last} was taken on trust on " in said) == (0, True)
    with pytest.raises(CommandError, match="nothing to do"):
        call_command("seal_audit")


def test_nobody_s_word_covers_an_event_that_was_changed(forged):
    tamper("UPDATE clinic_auditevent SET detail = 'x'")

    with pytest.raises(CommandError, match="was changed after it had been sealed"):
        call_command("seal_audit")

    assert verified()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_never_left_out_of_its_seal():
    """While a slow transaction holds a lower id, others go on writing and a worker seals."""
    user = make_user(email="slow@example.org")

    def write(_):
        try:
            with transaction.atomic():
                audit.record(AuditEvent.Action.CHANGED, by=user)
                execute("SELECT pg_sleep(0.02)")
        finally:
            connection.close()

    def work(_):
        try:
            return seals.seal()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        writes = [pool.submit(write, at) for at in range(60)]
        rounds = [pool.submit(work, at) for at in range(12)]
        for done in (*writes, *rounds):
            done.result()
    seals.seal()

    code, said = verified()
    assert (code, said.split(";")[0]) == (0, "60 events are as they were sealed")


def test_the_address_of_staff_is_kept_and_that_of_a_visitor_is_not(client, db):
    user = make_user("intake.view_submission")
    client.force_login(user)
    submission = make_submission()

    client.get(submission.get_absolute_url(), REMOTE_ADDR="203.0.113.7")
    with audit.during_request("203.0.113.8"):
        make_submission()

    assert submission.events.get(action="viewed").address == "203.0.113.7"
    assert set(AuditEvent.objects.filter(action="received").values_list("address", flat=True)) == {None}


def test_a_changed_setting_is_on_record_with_the_names_of_its_fields_and_not_their_values(client, db):
    client.force_login(make_user("clinic.view_clinicprofile", "clinic.change_clinicprofile"))
    address = reverse("admin:clinic_clinicprofile_change", args=[1])
    form = client.get(address).context["adminform"].form
    data = {bound.html_name: bound.value() or "" for bound in form} | {"phone": "718-555-0199"}
    none = {"crisis_lines-TOTAL_FORMS": 0, "crisis_lines-INITIAL_FORMS": 0}

    client.post(address, data | none)

    event = AuditEvent.objects.get(action="changed")
    assert (event.kind, event.record, event.detail) == ("clinicprofile", "1", "Phone")
    assert ClinicProfile.load().phone == "718-555-0199"


def test_every_page_of_the_admin_that_changes_something_is_on_record():
    assert [model for model, registered in site._registry.items() if not isinstance(registered, AuditedAdmin)] == []


def test_a_manager_reads_and_filters_the_record_and_cannot_change_it(client, db):
    event = make_events()[0]
    client.force_login(make_user("clinic.view_auditevent", email="manager@example.org"))
    listed = reverse("admin:clinic_auditevent_changelist")
    one = reverse("admin:clinic_auditevent_change", args=[event.pk])

    assert client.get(listed, {"action__exact": "changed"}).context["cl"].result_count == 3
    assert client.get(listed, {"action__exact": "exported"}).context["cl"].result_count == 0
    assert client.get(listed, {"who": event.actor.pk}).context["cl"].result_count == 3
    assert client.get(listed, {"who": "nobody"}).context["cl"].result_count == 0
    assert client.get(one).status_code == 200
    assert client.post(one, {"detail": "x"}).status_code == 403


@pytest.mark.django_db
def test_what_staff_were_refused_is_on_record_without_what_they_typed():
    user, client = make_user(email="ada@example.org"), Client()
    user.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(user)
    submission = make_submission()

    client.post(reverse("admin:intake_submission_note", args=[submission.pk]), {"text": "Marlow"})
    client.get("/admin/clinic/auditevent/")
    client.get("/admin/clinic/user/Robin Marlow/change/")
    Client().get("/admin/clinic/auditevent/")

    found = AuditEvent.objects.filter(action="refused").order_by("pk")
    assert [(row.actor, row.detail, row.record, row.address) for row in found] == [
        (user, "admin:intake_submission_note", str(submission.pk), "127.0.0.1"),
        (user, "admin:clinic_auditevent_changelist", "", "127.0.0.1"),
        (user, "admin:clinic_user_change", "", "127.0.0.1"),
    ]


def test_an_event_carries_the_time_at_which_it_was_written(db):
    make_events(1)

    assert abs(AuditEvent.objects.get().at - timezone.now()) < timedelta(minutes=1)


def test_the_record_tells_a_manager_nothing_of_what_was_answered_or_how_an_alert_ended(packet):
    clinician = make_user(email="clinician@example.org")
    submission = make_screening(phq9=[0] * 8 + [1], gad7=[3] * 7)
    submission.look(by=clinician)
    submission.alerts.get().acknowledge(by=clinician)
    submission.alerts.get().resolve(by=clinician, outcome="emergency-care", text="Called.")

    told = " ".join(f"{event.detail} {event.reference} {event.reason}" for event in AuditEvent.objects.all())

    assert "acknowledged" in told
    assert "resolved" in told
    for clue in ("suicid", "emergency", "urgent", "severe", "Called", "Marta", "example.org"):
        assert clue not in told
