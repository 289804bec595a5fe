"""rotate_keys over real rows."""

import base64
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from clinic import audit, rotation, seals
from clinic.fields import BlindIndexField, EncryptedField
from clinic.models import AuditEvent, Message, Seal
from clinic.progress import Progress
from clinic.rotation import State, every_table, tables
from clinic.signin.adapters import FactorAdapter
from intake.models import Draft, Note, Packet, Response, SentReply, Submission
from tests.factories import make_screening, make_submission, make_user

OLD, NEW, LOST = b"o" * 32, b"n" * 32, b"l" * 32
ENCRYPTED = {
    f"{model._meta.db_table}.{field.column}"
    for model in apps.get_models()
    for field in model._meta.local_concrete_fields
    if isinstance(field, EncryptedField | BlindIndexField)
}


def rotate(*arguments: str) -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command("rotate_keys", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


def lines(*arguments: str) -> list[str]:
    return rotate(*arguments)[1]


def states(column: str) -> dict[State, int]:
    found = rotation.scan(every_table(), lambda number: None)
    return {state: count for (name, state), count in found.items() if name == column}


def everything() -> dict[str, list[bytes]]:
    """What each column holds that a key has made, as the database has it."""
    found: dict[str, list[bytes]] = {}
    with connection.cursor() as cursor:
        for name in sorted(ENCRYPTED):
            table, column = name.split(".")
            cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
            found[name] = [bytes(value) for (value,) in cursor.fetchall() if value]
    return found


def make_factors(user) -> None:
    adapter = FactorAdapter()
    for kind, data in (
        ("totp", {"secret": adapter.encrypt("ABCD")}),
        ("recovery_codes", {"seed": adapter.encrypt("seed"), "used_mask": 5}),
        ("webauthn", {"name": "Laptop", "credential": {"id": "x"}}),
    ):
        Authenticator.objects.create(user=user, type=kind, data=data)
    other = make_user(email="other@example.org")
    migrated = {"migrated_codes": [adapter.encrypt("one"), adapter.encrypt("two")]}
    Authenticator.objects.create(user=other, type="recovery_codes", data=migrated)


@pytest.fixture
def filled(packet, settings):
    """A row with a value in every encrypted column, by an old key, and now a newer one."""
    settings.FIELD_KEYS = (OLD,)
    user = make_user()
    submission = make_screening(phq9=[0] * 8 + [3], person={"phone": "718 555 0100", "best_time": "mornings"})
    contact = make_submission(
        phone="718 555 0199", birth_date="1980-02-29", best_time="now", preferred_language="es", message="Hello"
    )
    contact.add_note("A note", by=user)
    SentReply.objects.create(submission=contact, title="t", by=user, subject="Subject", body="Body")
    draft = Draft.objects.start(Packet.objects.current(), "en")
    draft.answers = {"1": {"q": ["typed"]}}
    draft.save()
    make_factors(user)
    settings.FIELD_KEYS = (NEW, OLD)
    return submission, contact


def test_every_encrypted_column_of_every_model_is_found():
    walked = {f"{table.name}.{column.name}" for table in every_table() for column in table.columns}

    assert walked == ENCRYPTED | {"mfa_authenticator.data"}
    assert {"intake_note.text", "clinic_message.body", "intake_submission.phone_index"} < walked


def test_everything_is_by_the_newest_key_and_reads_as_before(filled, settings):
    before = everything()
    assert [name for name, values in before.items() if not values] == []

    code, said = rotate()

    settings.FIELD_KEYS = (NEW,)
    assert (code, said[-1].startswith("All "), said[-1][-29:]) == (0, True, "values are by the newest key.")
    after = everything()
    assert [name for name in before if set(before[name]) & set(after[name])] == []
    assert {name: len(values) for name, values in after.items()} == {name: len(found) for name, found in before.items()}
    contact = Submission.objects.get(pk=filled[1].pk)
    read = (contact.name, contact.email, contact.phone, contact.birth_date, contact.best_time, contact.message)
    assert read == ("Marta Quill", "marta@example.org", "718 555 0199", "1980-02-29", "now", "Hello")
    assert (Note.objects.get().text, SentReply.objects.get().subject, SentReply.objects.get().body) == (
        "A note",
        "Subject",
        "Body",
    )
    assert {draft.pk: draft.answers for draft in Draft.objects.filter(submission=None)}.popitem()[1] == {
        "1": {"q": ["typed"]}
    }
    assert all(response.answers is not None for response in Response.objects.all())
    assert {message.subject != "" for message in Message.objects.all()} == {True}


def test_a_person_is_found_by_the_newest_index_alone(filled, settings):
    rotate()
    settings.FIELD_KEYS = (NEW,)

    assert set(Submission.objects.reached_at("MARTA@example.org")) == set(filled)
    assert list(Submission.objects.reached_at("+1 718 555 0199")) == [filled[1]]


def test_second_factors_keep_their_secrets_and_the_rest_of_their_data(filled, settings):
    before = {row.pk: row.data for row in Authenticator.objects.all()}

    rotate()

    settings.FIELD_KEYS = (NEW,)
    read = FactorAdapter().decrypt
    totp, codes, passkey, migrated = (row.data for row in Authenticator.objects.order_by("pk"))
    assert read(totp["secret"]) == "ABCD"
    assert (read(codes["seed"]), codes["used_mask"]) == ("seed", 5)
    assert passkey in before.values()
    assert [read(code) for code in migrated["migrated_codes"]] == ["one", "two"]


def test_a_dry_run_counts_what_is_left_and_changes_nothing(filled):
    before = everything()

    code, said = rotate("--dry-run")

    assert (code, everything()) == (1, before)
    assert "intake_note.text: 1 left: by an older key" in said
    assert "intake_submission.email_index: 2 left: by an older key" in said
    assert "mfa_authenticator.data: 4 left: by an older key" in said
    total = sum(map(len, before.values())) + 4
    assert said[-1] == f"{total} of {total} values are not by the newest key."


def test_a_second_run_finds_nothing_to_do(filled):
    rotate()
    before, events = everything(), AuditEvent.objects.count()

    assert rotate("--dry-run")[0] == rotate()[0] == 0
    assert (everything(), AuditEvent.objects.count()) == (before, events)


def test_an_empty_database_is_done(db):
    assert rotate() == (0, ["All 0 values are by the newest key."])


def test_an_index_that_no_longer_follows_its_text_is_made_anew(filled, settings):
    rotate()
    Submission.objects.filter(pk=filled[0].pk).update(email_index=b"0" * 16)
    Submission.objects.filter(pk=filled[1].pk).update(email_index=None, phone="")

    assert states("intake_submission.email_index") == {State.OLD: 2}
    assert states("intake_submission.phone_index") == {State.OLD: 1}
    assert rotate()[0] == 0
    assert set(Submission.objects.reached_at("marta@example.org")) == set(filled)
    assert Submission.objects.get(pk=filled[1].pk).phone_index is None


def test_what_cannot_be_read_is_counted_by_its_place_and_stops_nothing(filled, settings):
    settings.FIELD_KEYS = (LOST,)
    lost = make_submission(name="Zebra Lost", email="zebra@example.org")
    settings.FIELD_KEYS = (NEW, OLD)
    note = Note.objects.get()
    Submission.objects.filter(pk=filled[0].pk).update(is_sample=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE intake_submission SET message = (SELECT text FROM intake_note) WHERE id = %s", [filled[0].pk]
        )
    before = {name: everything()[name] for name in ("intake_submission.name", "intake_submission.email")}

    code, said = rotate()

    assert code == 1
    assert "intake_submission.name: 1 unreadable: the key is not in FIELD_KEYS" in said
    assert "intake_submission.name: 2 by the newest key" in said
    assert "intake_submission.email_index: 1 unreadable: the key is not in FIELD_KEYS" in said
    assert "intake_submission.message: 1 unreadable: damaged, or copied from another place" in said
    assert "clinic_message.body: 1 unreadable: the key is not in FIELD_KEYS" in said
    assert [line for line in said if "left:" in line] == []
    assert [line for line in said if "Zebra" in line or str(lost.pk) in line or str(note.pk) in line] == []
    after = everything()
    assert [len(set(before[name]) & set(after[name])) for name in before] == [1, 1]
    settings.FIELD_KEYS = (LOST,)
    assert Submission.objects.get(pk=lost.pk).name == "Zebra Lost"


def erased(submission) -> None:
    one, two = (make_user(email=f"{name}@example.org") for name in ("one", "two"))
    submission.ask_erasure("erasure-by-person", by=one)
    submission.confirm_erasure(by=two)


def stored(submission) -> tuple[bytes, ...]:
    """What the submission's encrypted columns hold; nothing of those that are empty."""
    names = sorted(name.partition(".")[2] for name in ENCRYPTED if name.startswith("intake_submission."))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM intake_submission WHERE id = %s", [submission.pk])
        return tuple(bytes(value) for value in cursor.fetchone() if value)


def test_an_erased_submission_has_nothing_to_encrypt_anew_and_stays_empty(filled):
    screening, contact = filled
    assert (len(stored(screening)) > 3, len(stored(contact)) > 3) == (True, True)
    erased(contact)

    assert states("intake_submission.name") == states("intake_submission.email_index") == {State.OLD: 1}
    assert states("intake_note.text") == states("intake_sentreply.body") == {}
    assert rotate()[0] == 0

    assert stored(contact) == ()
    assert states("intake_submission.name") == states("intake_submission.email_index") == {State.NEWEST: 1}


def test_a_factor_that_is_no_token_is_counted_and_kept(db, settings):
    settings.FIELD_KEYS = (NEW,)
    data = {"secret": "not a token!", "seed": base64.b64encode(b"noise").decode()}
    factor = Authenticator.objects.create(user=make_user(), type="totp", data=data)

    assert rotate()[0] == 1
    assert states("mfa_authenticator.data") == {State.DAMAGED: 2}
    factor.refresh_from_db()
    assert factor.data == data


def test_the_rotation_is_on_record_and_the_newest_seal_has_the_newest_mark(filled, settings):
    settings.FIELD_KEYS = (OLD,)
    seals.seal()
    settings.FIELD_KEYS = (NEW, OLD)
    assert not Seal.newest().is_by_newest_key

    assert rotate()[0] == 0

    event = AuditEvent.objects.get(kind="keys")
    rows = sum(table.count() for table in every_table()) - 1  # the passkey
    assert (event.action, event.detail) == ("changed", f"{rows} rows encrypted with the newest key")
    settings.FIELD_KEYS = (NEW,)
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "events are as they were sealed; 0 are not sealed yet." in out.getvalue()


def test_a_seal_of_an_older_key_is_followed_by_another_even_when_no_value_is_left(db, settings):
    settings.FIELD_KEYS = (OLD,)
    audit.record(AuditEvent.Action.SIGNED_IN, by=None)
    seals.seal()
    settings.FIELD_KEYS = (NEW, OLD)

    assert rotate()[0] == 0
    settings.FIELD_KEYS = (NEW,)
    assert list(seals.faults()) == []


def test_a_seal_that_no_key_made_is_not_covered_up(db, settings):
    settings.FIELD_KEYS = (LOST,)
    audit.record(AuditEvent.Action.SIGNED_IN, by=None)
    seals.seal()
    settings.FIELD_KEYS = (NEW, OLD)

    code, said = rotate()

    assert (code, said[-1]) == (
        1,
        "The newest seal of the audit record has no mark by the newest key. Run verify_audit.",
    )
    assert list(seals.faults()) == ["The newest seal was not made with a key of FIELD_KEYS."]


def test_rows_go_a_batch_at_a_time_and_none_is_passed_over(filled, monkeypatch):
    monkeypatch.setattr(tables, "BATCH", 1)
    told = []

    done, found = rotation.rotate_all(every_table(), told.append)

    assert rotation.left(found, State.OLD) == 0
    assert set(told) == {1}
    assert done < sum(told)


def test_the_progress_is_a_bar_on_a_terminal_and_a_line_now_and_then_elsewhere(monkeypatch):
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    bar, plain = Terminal(), StringIO()
    progress = Progress(4, bar, "rows")
    for _ in range(2):
        progress(2)
    progress.end()
    assert bar.getvalue() == (f"\r[{'#' * 15}{' ' * 15}] 2 of 4 rows\x1b[K\r[{'#' * 30}] 4 of 4 rows\x1b[K\n")

    progress = Progress(4, plain, "rows")
    progress(1)
    assert plain.getvalue() == ""
    monkeypatch.setattr("clinic.progress.EVERY", 0)
    progress(1)
    progress.end()
    assert plain.getvalue() == "2 of 4 rows\n"
