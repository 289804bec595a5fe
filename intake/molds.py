"""Copies of a submission: every row that it left, with ids, times and person of its own, encrypted anew.

A mold is taken of a submission that came in and was worked on the real way. Of its rows it keeps, as PostgreSQL's COPY
writes them, what all copies share; each place where copies differ is a slot, `%(name)s`. So a copy lacks nothing that
the real way would have left, whatever columns a table gets.
"""

import uuid
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

from django.db import connection, models
from psycopg2 import sql

from clinic import crypto
from clinic.fields import BlindIndexField, EncryptedField
from clinic.models import AuditEvent, Message
from intake.models import ContactAttempt, Draft, Note, Response, SafetyAlert, Score, Submission
from intake.models.reference import new_reference

NULL = r"\N"
BYTES = r"\\x"  # and then hexadecimal digits

Row = dict[str, str]  # by column, as COPY writes it
Lines = dict[str, list[str]]  # by table
Person = tuple[str, str, str]  # name, e-mail, phone


def rows_of(submission: Submission) -> list[models.QuerySet[Any]]:
    """Everything that came of it."""
    mine, about = {"submission": submission}, [submission.pk, submission.origin]
    return [
        Submission.objects.filter(pk=submission.pk),
        Draft.objects.filter(**mine),
        Response.objects.filter(**mine),
        Score.objects.filter(response__in=list(submission.responses.values_list("pk", flat=True))),
        Note.objects.filter(**mine),
        ContactAttempt.objects.filter(**mine),
        SafetyAlert.objects.filter(**mine),
        Message.objects.filter(about__in=about),
        AuditEvent.objects.filter(kind__in=["submission", "message"], record__in=[str(pk) for pk in about]),
    ]


def columns(model: type[models.Model]) -> list[str]:
    """Those that COPY is given; PostgreSQL counts the rest."""
    return [str(field.column) for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


def read(rows: models.QuerySet[Any]) -> Iterator[Row]:
    names, found = columns(rows.model), StringIO()
    statement = sql.SQL("COPY (SELECT {} FROM {} WHERE id = ANY ({})) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(rows.model._meta.db_table),
        sql.Literal(list(rows.values_list("pk", flat=True))),
    )
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(statement, found)
    found.seek(0)
    return (dict(zip(names, line.removesuffix("\n").split("\t"), strict=True)) for line in found)


def write(model: type[models.Model], lines: Iterable[str]) -> None:
    """Foreign keys are checked at the end of the transaction, so the order of the tables is free. Saves."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns(model)))
    )
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(statement, StringIO("".join(lines)))


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that each copy encrypts for itself."""

    slot: str
    context: str
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        return BYTES + crypto.encrypt(self.text % values, self.context % values).hex()


@dataclass(frozen=True, slots=True)
class Index:
    """A fingerprint that each copy takes of its own text."""

    slot: str
    field: BlindIndexField
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        found = self.field.index_of(self.text % values)
        return BYTES + found.hex() if found else NULL


class Mold:
    """`moments` are when the submission came in and when each step of the staff began: a copy has others.

    `kept` says of some tables how long their rows are kept.
    """

    def __init__(self, submission: Submission, moments: Sequence[datetime], kept: Mapping[str, timedelta]) -> None:
        self.moments, self.kept = list(moments), kept
        self.received_at = self._moved(submission.created_at)
        told = {name: getattr(submission, name) for name in ("name", "email", "phone", "reference")}
        told["authored"] = submission.created_at.isoformat(timespec="seconds")
        self.names = {text: f"%({slot})s" for slot, text in told.items() if text}
        self.times: dict[str, tuple[int, timedelta]] = {}  # by slot: after which moment, and how long
        self.days: dict[str, int] = {}  # by slot: how long after the last moment
        self.secrets: list[Secret | Index] = []
        found = [(rows.model, list(read(rows))) for rows in rows_of(submission)]
        own = [row["id"] for _, rows in found for row in rows if "id" in row]
        self.ids = list(dict.fromkeys([str(submission.origin), *own]))
        self.names |= {pk: f"%(id{number})s" for number, pk in enumerate(self.ids)}
        self.lines = {model._meta.db_table: [self._line(model, row) for row in rows] for model, rows in found}

    @property
    def steps(self) -> int:
        return len(self.moments) - 1

    def copy(self, person: Person, moments: Sequence[datetime], now: datetime) -> Iterator[tuple[str, str]]:
        """The rows of a submission of this `person` that came in, and was worked, at these moments: table and line."""
        values = dict(zip(("name", "email", "phone"), person, strict=True)) | {"reference": new_reference()}
        values |= {f"id{number}": str(uuid.uuid4()) for number in range(len(self.ids))}
        for slot, (step, later) in self.times.items():
            values[slot] = (moments[step] + later).isoformat(" ", "microseconds")
        for slot, days in self.days.items():
            values[slot] = str(moments[-1].date() + timedelta(days))
        step, later = self.received_at
        values["authored"] = (moments[step] + later).isoformat(timespec="seconds")
        for secret in self.secrets:
            values[secret.slot] = secret.filled(values)
        for table, lines in self.lines.items():
            if now - moments[0] < self.kept.get(table, timedelta.max):
                yield from ((table, line % values) for line in lines)

    def _line(self, model: type[models.Model], row: Row) -> str:
        fields = {field.column: field for field in model._meta.concrete_fields}
        return "\t".join(self._cell(fields[name], row) for name in row) + "\n"

    def _cell(self, field: Any, row: Row) -> str:
        text = row[field.column]
        if text in (NULL, BYTES):
            return text
        match field:
            case EncryptedField():
                plain = crypto.decrypt(bytes.fromhex(text.removeprefix(BYTES)), field.context_of(row["id"]))
                context = field.context_of(row["id"]).replace(row["id"], self.names[row["id"]])
                return self._secret(partial(Secret, context=context, text=self._slotted(plain)))
            case BlindIndexField():
                of: Any = field.model._meta.get_field(field.source)
                plain = crypto.decrypt(bytes.fromhex(row[of.column].removeprefix(BYTES)), of.context_of(row["id"]))
                return self._secret(partial(Index, field=field, text=self._slotted(plain)))
            case models.DateTimeField():
                slot = f"time{len(self.times)}"
                self.times[slot] = self._moved(datetime.fromisoformat(text))
                return f"%({slot})s"
            case models.DateField():
                slot = f"day{len(self.days)}"
                self.days[slot] = (date.fromisoformat(text) - self.moments[-1].date()).days
                return f"%({slot})s"
        return self.names.get(text, text.replace("%", "%%"))

    def _secret(self, make: Any) -> str:
        slot = f"secret{len(self.secrets)}"
        self.secrets.append(make(slot))
        return f"%({slot})s"

    def _slotted(self, text: str) -> str:
        text = text.replace("%", "%%")
        for old, slot in self.names.items():
            text = text.replace(old, slot)
        return text

    def _moved(self, at: datetime) -> tuple[int, timedelta]:
        """The number of the last moment before, and how long before."""
        step = max(0, bisect_right(self.moments, at) - 1)
        return step, at.astimezone(UTC) - self.moments[step]
