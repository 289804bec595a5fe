from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit import AuditEvent
from clinic.database.inserting import insert, insert_all
from clinic.models import Message

pytestmark = pytest.mark.django_db

TEXT: dict[str, Any] = {"template": "reply", "recipient": "a@example.org", "subject": "Hello", "body": "Good day."}


def told(row: Any, *but: str) -> dict[str, Any]:
    stored = type(row).objects.get(pk=row.pk)
    return {field.name: getattr(stored, field.attname) for field in row._meta.concrete_fields if field.name not in but}


def test_a_row_is_stored_as_save_would_store_it():
    saved, inserted = Message(**TEXT), Message(**TEXT)
    saved.save()

    assert insert(inserted)

    own = ("id", "created_at", "due_at")
    assert told(inserted, *own) == told(saved, *own)
    assert told(inserted)["due_at"] > told(saved)["due_at"]  # by the database's clock


def test_a_row_gets_its_id_from_the_database_where_that_makes_it():
    assert insert(AuditEvent(action="cut", kind="auditevent"))

    assert AuditEvent.objects.filter(action="cut").count() == 1


def test_a_row_whose_value_is_taken_is_not_stored():
    insert(Message(dedupe_key="once", **TEXT), unless="dedupe_key")

    again = Message(dedupe_key="once", **TEXT)

    assert not insert(again, unless="dedupe_key")
    assert again._state.adding
    assert Message.objects.count() == 1


def test_only_the_named_column_may_be_taken():
    first = Message(dedupe_key="one", **TEXT)
    insert(first)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Message(pk=first.pk, dedupe_key="two", **TEXT), unless="dedupe_key")


def test_several_rows_take_one_statement_and_none_takes_no_statement(django_assert_num_queries):
    rows = [Message(template=str(number), recipient=f"{number}@example.org") for number in range(3)]

    with django_assert_num_queries(1):
        insert_all(rows)
        insert_all([])

    found = Message.objects.in_bulk()
    assert [(found[row.pk].template, found[row.pk].recipient) for row in rows] == [
        (row.template, row.recipient) for row in rows
    ]
    assert not any(row._state.adding for row in rows)


def test_rows_of_which_the_database_fills_in_different_columns_are_refused():
    rows = [Message(**TEXT), Message(created_at=timezone.now(), **TEXT)]

    with pytest.raises(ValueError, match="too many values"):
        insert_all(rows)

    assert not Message.objects.exists()
