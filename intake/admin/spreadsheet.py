"""Submissions as CSV: what the front desk may see, and for clinicians risk and totals as well."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from io import StringIO
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from intake.admin.readable import language_name, readable
from intake.models import GAD7_TOTAL, PHQ9_TOTAL, SafetyAlert, Score, Submission
from intake.models.alert import label_of

BOM = "\ufeff"  # without it, Excel reads UTF-8 as another encoding

FORMULA = set("=+-@＝＋－＠")  # what a spreadsheet may take for the beginning of one
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # and may pass over before it: controls, marks of direction, spaces


class Chunk:
    """Submissions that are written together, and what else their cells need: read once, and only if a cell needs it."""

    def __init__(self, submissions: Sequence[Submission]) -> None:
        self.submissions = submissions

    @cached_property
    def unresolved(self) -> dict[UUID, list[str]]:
        """The labels of the alerts that are not resolved, by submission."""
        found: dict[UUID, list[str]] = {}
        alerts = SafetyAlert.objects.unresolved().filter(submission__in=self._ids)
        for submission, code in alerts.values_list("submission", "code"):
            found.setdefault(submission, []).append(label_of(code))
        return found

    @cached_property
    def scores(self) -> dict[tuple[UUID, str], tuple[Decimal | None, str]]:
        """Total and band, by submission and code; without those that were not asked for."""
        rows = Score.objects.filter(response__submission__in=self._ids, code__in=[PHQ9_TOTAL, GAD7_TOTAL])
        found = rows.values_list("response__submission", "code", "total", "band_display")
        return {(submission, code): (total, band) for submission, code, total, band in found}

    @property
    def _ids(self) -> list[UUID]:
        return [submission.pk for submission in self.submissions]


class Row(NamedTuple):
    submission: Submission
    chunk: Chunk


class Column(NamedTuple):
    title: str
    fields: tuple[str, ...]  # of the submission, all that the cell reads
    cell: Callable[[Row], str]

    @classmethod
    def choice(cls, title: str, field: str) -> "Column":
        """What the value of a field with choices stands for. Django's get_…_display makes its table anew each time."""
        words = dict(getattr(Submission, field).field.flatchoices)
        return cls(title, (field,), lambda row: str(words.get(value := getattr(row.submission, field), value)))

    @classmethod
    def encrypted(cls, title: str, field: str) -> "Column":
        return cls(title, (field,), lambda row: readable(row.submission, field))


CONTACT = [
    Column("Reference", ("reference",), lambda row: row.submission.reference),
    Column("Kind", ("kind", "is_suspect"), lambda row: _kind(row.submission)),
    Column.choice("Status", "status"),
    Column("Received", ("created_at",), lambda row: f"{timezone.localtime(row.submission.created_at):%Y-%m-%d %H:%M}"),
    Column("Assigned to", ("assignee",), lambda row: str(row.submission.assignee or "")),
    Column("Language of the form", ("language",), lambda row: language_name(row.submission.language)),
    Column.encrypted("Name", "name"),
    Column.encrypted("E-mail", "email"),
    Column.encrypted("Phone", "phone"),
    Column.choice("Prefers", "contact_method"),
    Column.encrypted("Best time", "best_time"),
    Column("Next contact due", ("next_contact_on",), lambda row: str(row.submission.next_contact_on or "")),
]

CLINICAL = [
    Column.choice("Risk", "risk"),
    Column("Alerts not resolved", (), lambda row: "; ".join(row.chunk.unresolved.get(row.submission.pk, ()))),
    Column("PHQ-9 total", (), lambda row: _total(row, PHQ9_TOTAL)),
    Column("PHQ-9 band", (), lambda row: _band(row, PHQ9_TOTAL)),
    Column("GAD-7 total", (), lambda row: _total(row, GAD7_TOTAL)),
    Column("GAD-7 band", (), lambda row: _band(row, GAD7_TOTAL)),
    Column.encrypted("Date of birth", "birth_date"),
]


def read(submissions: QuerySet[Submission], columns: Iterable[Column]) -> QuerySet[Submission]:
    """The same submissions, of which no more is read than the columns need."""
    fields = [field for column in columns for field in column.fields]
    return submissions.prefetch_related(None).prefetch_related("assignee").only(*fields)


def lines(chunks: Iterable[Sequence[Submission]], columns: Sequence[Column]) -> Iterator[str]:
    """The file, so many lines at a time as there are submissions in a chunk; `read` says how they are read."""
    yield BOM + _written([[column.title for column in columns]])
    for submissions in chunks:
        chunk = Chunk(submissions)
        found = (Row(submission, chunk) for submission in submissions)
        yield _written([harmless(column.cell(row)) for column in columns] for row in found)


def _written(table: Iterable[list[str]]) -> str:
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    return out.getvalue()


def harmless(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing: '=1+1."""
    if text[:1].isalnum():  # as most cells are
        return text
    seen = next((letter for letter in text if unicodedata.category(letter) not in UNSEEN), "")
    return f"'{text}" if seen in FORMULA or text.startswith(("\t", "\r", "\n")) else text


def _kind(submission: Submission) -> str:
    return Submission.Kind(submission.kind).label + " (may be spam)" * submission.is_suspect


def _total(row: Row, code: str) -> str:
    """Empty when it was not asked for; a gap is never a number."""
    if (row.submission.pk, code) not in row.chunk.scores:
        return ""
    total, _band = row.chunk.scores[row.submission.pk, code]
    return "not complete" if total is None else f"{total.normalize():f}"


def _band(row: Row, code: str) -> str:
    return row.chunk.scores.get((row.submission.pk, code), (None, ""))[1]
