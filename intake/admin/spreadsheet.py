"""Submissions as CSV: what the front desk may see, and for clinicians risk and totals as well."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from functools import cached_property, lru_cache
from io import StringIO
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from clinic.fields import EncryptedField
from clinic.models import User
from intake.admin.readable import language_name, opened
from intake.models import GAD7_TOTAL, PHQ9_TOTAL, SafetyAlert, Score, Submission
from intake.models.alert import label_of

BOM = "\ufeff"  # without it, Excel reads UTF-8 as another encoding

FORMULA = set("=+-@＝＋－＠")  # what a spreadsheet may take for the beginning of one
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # and may pass over before it: controls, marks of direction, spaces

KINDS: Mapping[str, str] = dict(Submission.Kind.choices)

Scores = Mapping[str, tuple[Decimal | None, str]]  # total and band by code
NOT_ASKED: Scores = {}
Row = Any  # what `read` gives of a submission: a named tuple, for a model's instance costs more than its cells

_form_language = lru_cache(maxsize=64)(language_name)  # nobody types it, so that it may be kept


class Chunk:
    """Rows that are written together, and what else their cells need: read once, and only if a cell needs it."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows

    @cached_property
    def zone(self) -> tzinfo:
        return timezone.get_current_timezone()

    @cached_property
    def staff(self) -> dict[int, str]:
        """The names of those whom a submission is assigned to."""
        found = User.objects.in_bulk({row.assignee for row in self.rows} - {None})
        return {key: str(user) for key, user in found.items()}

    @cached_property
    def unresolved(self) -> dict[UUID, list[str]]:
        """The labels of the alerts that are not resolved, by submission."""
        found: dict[UUID, list[str]] = {}
        alerts = SafetyAlert.objects.unresolved().filter(submission__in=self._ids)
        for submission, code in alerts.values_list("submission", "code"):
            found.setdefault(submission, []).append(label_of(code))
        return found

    @cached_property
    def scores(self) -> Mapping[UUID, Scores]:
        """By submission; without those that were not asked for."""
        found: dict[UUID, dict[str, tuple[Decimal | None, str]]] = {}
        rows = Score.objects.filter(response__submission__in=self._ids, code__in=[PHQ9_TOTAL, GAD7_TOTAL])
        for submission, code, total, band in rows.values_list("response__submission", "code", "total", "band_display"):
            found.setdefault(submission, {})[code] = total, band
        return found

    @property
    def _ids(self) -> list[UUID]:
        return [row.pk for row in self.rows]


class Column(NamedTuple):
    title: str
    fields: tuple[str, ...]  # of the submission, all that the cell reads
    cell: Callable[[Row, Chunk], str]

    @classmethod
    def choice(cls, title: str, field: str) -> "Column":
        """What the value of a field with choices stands for. Django's get_…_display makes its table anew each time."""
        words = dict(_field(field).flatchoices)
        return cls(title, (field,), lambda row, chunk: str(words.get(value := getattr(row, field), value)))

    @classmethod
    def encrypted(cls, title: str, field: str) -> "Column":
        column = _field(field)
        assert isinstance(column, EncryptedField)
        return cls(title, (field,), lambda row, chunk: opened(column, getattr(row, field), row.pk))


def _field(name: str) -> Any:
    return Submission._meta.get_field(name)


CONTACT = [
    Column("Reference", ("reference",), lambda row, chunk: row.reference),
    Column("Kind", ("kind", "is_suspect"), lambda row, chunk: _kind(row)),
    Column.choice("Status", "status"),
    Column("Received", ("created_at",), lambda row, chunk: f"{row.created_at.astimezone(chunk.zone):%Y-%m-%d %H:%M}"),
    Column("Assigned to", ("assignee",), lambda row, chunk: chunk.staff.get(row.assignee, "")),
    Column("Language of the form", ("language",), lambda row, chunk: _form_language(row.language)),
    Column.encrypted("Name", "name"),
    Column.encrypted("E-mail", "email"),
    Column.encrypted("Phone", "phone"),
    Column.choice("Prefers", "contact_method"),
    Column.encrypted("Best time", "best_time"),
    Column("Next contact due", ("next_contact_on",), lambda row, chunk: str(row.next_contact_on or "")),
]

CLINICAL = [
    Column.choice("Risk", "risk"),
    Column("Alerts not resolved", (), lambda row, chunk: "; ".join(chunk.unresolved.get(row.pk, ()))),
    Column("PHQ-9 total", (), lambda row, chunk: _total(row, chunk, PHQ9_TOTAL)),
    Column("PHQ-9 band", (), lambda row, chunk: _band(row, chunk, PHQ9_TOTAL)),
    Column("GAD-7 total", (), lambda row, chunk: _total(row, chunk, GAD7_TOTAL)),
    Column("GAD-7 band", (), lambda row, chunk: _band(row, chunk, GAD7_TOTAL)),
    Column.encrypted("Date of birth", "birth_date"),
]


def read(submissions: QuerySet[Submission], columns: Iterable[Column]) -> QuerySet[Submission, Row]:
    """The same submissions as named tuples: their ids, and no more than the columns need."""
    fields = dict.fromkeys(field for column in columns for field in column.fields)
    return submissions.order_by().values_list("pk", *fields, named=True)


def lines(chunks: Iterable[Sequence[Row]], columns: Sequence[Column]) -> Iterator[str]:
    """The file, so many lines at a time as there are rows in a chunk; `read` gives them."""
    yield BOM + _written([[column.title for column in columns]])
    cells = [column.cell for column in columns]
    for rows in chunks:
        chunk = Chunk(rows)
        yield _written([harmless(cell(row, chunk)) for cell in cells] for row in rows)


def _written(table: Iterable[list[str]]) -> str:
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    return out.getvalue()


def harmless(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing: '=1+1."""
    if not text or text[0].isalnum():  # as most cells are
        return text
    seen = next((letter for letter in text if unicodedata.category(letter) not in UNSEEN), "")
    return f"'{text}" if seen in FORMULA or text.startswith(("\t", "\r", "\n")) else text


def _kind(row: Row) -> str:
    return f"{KINDS[row.kind]} (may be spam)" if row.is_suspect else KINDS[row.kind]


def _total(row: Row, chunk: Chunk, code: str) -> str:
    """Empty when it was not asked for; a gap is never a number."""
    score = chunk.scores.get(row.pk, NOT_ASKED).get(code)
    if score is None:
        return ""
    return "not complete" if score[0] is None else f"{score[0].normalize():f}"


def _band(row: Row, chunk: Chunk, code: str) -> str:
    return chunk.scores.get(row.pk, NOT_ASKED).get(code, (None, ""))[1]
