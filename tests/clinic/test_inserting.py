from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from clinic import audit
from clinic.audit import AuditEvent
from clinic.database.inserting import Change, Row, insert
from clinic.models import Message
from intake.models import ConsentText, Questionnaire, Response, SafetyAlert, Score, Submission

pytestmark = pytest.mark.django_db

AT = datetime(2026, 2, 28, 12, 30, 15, 123456, UTC)
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


def test_rows_of_several_models_take_one_statement(django_assert_num_queries):
    messages = [Message(template=str(number), recipient=f"{number}@example.org") for number in range(3)]
    events = [audit.event(AuditEvent.Action.CUT, by=None, record=number) for number in range(2)]

    with django_assert_num_queries(1):
        assert insert(messages[0], *events, *messages[1:])

    found = Message.objects.in_bulk()
    assert [(found[row.pk].template, found[row.pk].recipient) for row in messages] == [
        (row.template, row.recipient) for row in messages
    ]
    assert not any(row._state.adding for row in messages)
    assert list(AuditEvent.objects.order_by("pk").values_list("record", flat=True)) == ["0", "1"]


def test_rows_of_one_model_may_leave_different_columns_to_the_database():
    rows = [Message(**TEXT), Message(created_at=timezone.now() - timedelta(days=1), **TEXT), Message(**TEXT)]

    insert(*rows)

    times = Message.objects.in_bulk()
    assert times[rows[1].pk].created_at == rows[1].created_at
    assert times[rows[0].pk].created_at == times[rows[2].pk].created_at > rows[1].created_at


def test_with_a_row_whose_value_is_taken_nothing_is_stored():
    insert(Message(dedupe_key="once", **TEXT))
    again, other = Message(dedupe_key="once", **TEXT), Message(**TEXT)

    assert not insert(again, other, audit.event(AuditEvent.Action.CUT, by=None), unless="dedupe_key")

    assert again._state.adding
    assert other._state.adding
    assert Message.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_rows_are_stored_if_the_change_before_them_finds_its_row():
    kept = Message(**TEXT)
    insert(kept)
    for number in (0, 7):
        taken = Change("UPDATE clinic_message SET attempts = %s WHERE id = %s AND attempts = %s", [2, kept.pk, number])
        row, other = Message(**TEXT), Message(**TEXT)

        assert insert(row, other, after=taken) == (number == 0)

        assert row._state.adding == other._state.adding == (number != 0)
    kept.refresh_from_db()
    assert kept.attempts == 2
    assert Message.objects.count() == 3


def test_what_is_refused_of_one_row_leaves_none_of_the_others():
    event = audit.event(AuditEvent.Action.CUT, by=None)
    too_long = Row(AuditEvent, event.values | {"action": "x" * 21})

    with pytest.raises(DataError), transaction.atomic():
        insert(Message(**TEXT), too_long)

    assert not Message.objects.exists()


@pytest.mark.usefixtures("packet")
def test_every_kind_of_value_of_a_screening_is_stored_as_save_would_store_it():
    """Times, numbers, ciphertexts, lists and what is empty, in one statement with several rows of a model."""
    saved, inserted = of_a_screening(), of_a_screening()
    for row in saved:
        row.save()

    insert(*inserted)

    assert [found(row) for row in inserted] == [found(row) for row in saved]


def of_a_screening() -> list[Any]:
    """New rows that nothing has stored yet."""
    submission = Submission(
        origin=uuid4(),
        kind=Submission.Kind.SCREENING,
        language="en",
        consent=ConsentText.current("screening", "en"),
        created_at=AT,
        risk=Submission.Risk.URGENT,
        open_risk=Submission.Risk.URGENT,
        phq9_band="severe",
        name="Marta Quill",
        phone="(718) 555-0123",
        birth_date="1980-02-28",
    )
    responses = [
        Response(submission=submission, questionnaire=form, position=number, document=f'{{"number": {number}}}')
        for number, form in enumerate(Questionnaire.objects.order_by("pk")[:3])
    ]
    told = {"response": responses[1], "received_at": AT}
    return [
        submission,
        *responses,
        Score(link_id="a", code="44261-6", total=Decimal("20.5"), band="severe", band_display="Severe", **told),
        Score(link_id="b", code="b", total=None, **told),
        SafetyAlert(submission=submission, code="suicidal-thoughts", severity="urgent"),
        SafetyAlert(submission=submission, code="mania", severity="routine"),
    ]


def found(row: Any) -> dict[str, Any]:
    """What is stored of it, without keys and the times that are set when it is stored."""
    rows = type(row).objects
    stored = rows.get(response=row.response_id, link_id=row.link_id) if isinstance(row, Score) else rows.get(pk=row.pk)
    own = ("id", "origin", "reference", "submission", "response", "consented_at", "raised_at", "told_at")
    return {field.name: getattr(stored, field.attname) for field in row._meta.concrete_fields if field.name not in own}
