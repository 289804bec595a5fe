"""A value that somebody with access to the database moves to another row or column does not open there."""

import pytest
from django.apps import apps
from django.db import connection

from clinic import crypto
from clinic.fields import BlindIndexField, EncryptedField
from clinic.models import Message
from intake.models import Draft, Note, Packet, Response, SentReply, Submission
from tests.factories import make_screening, make_submission, make_user

FIELDS = [
    field
    for model in apps.get_models()
    for field in model._meta.local_concrete_fields
    if isinstance(field, EncryptedField)
]


def make_pair(model):
    """Two rows with a text in each encrypted column, or a test that says that it does not know how."""
    contact = {"phone": "718 555 0199", "birth_date": "1980-02-29", "best_time": "now", "preferred_language": "es"}
    if model is Submission:
        return [make_submission(name=name, message="Hello", **contact) for name in ("One", "Other")]
    if model is Response:
        return [make_screening().responses.all()[0] for _ in range(2)]
    if model is Draft:
        return [Draft.objects.start(Packet.objects.current(), "en") for _ in range(2)]
    if model is Message:
        return [Message.objects.create(template="t", recipient="a@b.c", subject=s, body=s) for s in ("one", "two")]
    submission, user = make_submission(), make_user()
    if model is Note:
        return [submission.add_note(text, by=user) for text in ("one", "two")]
    if model is SentReply:
        values = {"submission": submission, "title": "t", "by": user}
        return [SentReply.objects.create(subject=text, body=text, **values) for text in ("one", "two")]
    raise NotImplementedError(f"say how to make a {model.__name__}")


def token(field, pk) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {field.column} FROM {field.model._meta.db_table} WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def put(field, pk, value: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {field.model._meta.db_table} SET {field.column} = %s WHERE id = %s", [value, pk])


def read(field, pk):
    return getattr(field.model._default_manager.get(pk=pk), field.name)


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_a_value_moved_to_another_row_is_unreadable_there(packet, field):
    one, other = make_pair(field.model)
    mine = token(field, one.pk)
    assert mine != b""

    put(field, other.pk, mine)

    with pytest.raises(crypto.Tampered):
        read(field, other.pk)
    assert read(field, one.pk) == getattr(one, field.name)


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_a_value_from_any_other_column_is_unreadable_in_this_one(packet, field):
    row = make_pair(field.model)[0]
    elsewhere = [crypto.encrypt("{}", other.context_of(row.pk)) for other in FIELDS if other is not field]
    elsewhere += [crypto.encrypt("{}", context) for context in ("", "mfa", str(row.pk))]
    put(field, row.pk, crypto.encrypt("{}", field.context_of(row.pk)))
    assert read(field, row.pk) in ({}, "{}")

    for moved in elsewhere:
        put(field, row.pk, moved)
        with pytest.raises(crypto.Tampered):
            read(field, row.pk)


def test_an_index_of_one_column_finds_nothing_in_another(packet):
    fields = [field for field in Submission._meta.fields if isinstance(field, BlindIndexField)]
    found = [crypto.blind_index("7185550199", f"{field.model._meta.db_table}.{field.column}") for field in fields]

    assert len(set(found)) == len(fields) == 2
