"""Submissions as CSV: what the front desk may see, and for clinicians risk and totals as well."""

import csv
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from django.utils import timezone

from intake.admin.inbox import plain, score_of
from intake.admin.readable import language_name, readable
from intake.models import GAD7_TOTAL, PHQ9_TOTAL, Submission

BOM = "\ufeff"  # without it, Excel reads UTF-8 as another encoding

FORMULA = set("=+-@＝＋－＠")  # what a spreadsheet may take for the beginning of one
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # and may pass over before it: controls, marks of direction, spaces


class Column(NamedTuple):
    title: str
    cell: Callable[[Submission], str]


CONTACT = [
    Column("Reference", lambda row: row.reference),
    Column("Kind", lambda row: row.get_kind_display() + " (may be spam)" * row.is_suspect),
    Column("Status", lambda row: row.get_status_display()),
    Column("Received", lambda row: f"{timezone.localtime(row.created_at):%Y-%m-%d %H:%M}"),
    Column("Assigned to", lambda row: str(row.assignee or "")),
    Column("Language of the form", lambda row: language_name(row.language)),
    Column("Name", lambda row: readable(row, "name")),
    Column("E-mail", lambda row: readable(row, "email")),
    Column("Phone", lambda row: readable(row, "phone")),
    Column("Prefers", lambda row: str(row.get_contact_method_display())),
    Column("Best time", lambda row: readable(row, "best_time")),
    Column("Next contact due", lambda row: str(row.next_contact_on or "")),
]

CLINICAL = [
    Column("Risk", lambda row: row.get_risk_display()),
    Column("Alerts not resolved", lambda row: _unresolved(row)),
    Column("PHQ-9 total", lambda row: _total(row, PHQ9_TOTAL)),
    Column("PHQ-9 band", lambda row: _band(row, PHQ9_TOTAL)),
    Column("GAD-7 total", lambda row: _total(row, GAD7_TOTAL)),
    Column("GAD-7 band", lambda row: _band(row, GAD7_TOTAL)),
    Column("Date of birth", lambda row: readable(row, "birth_date")),
]


class Echo:
    """Gives the writer's line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(submissions: Iterable[Submission], columns: list[Column]) -> Iterator[str]:
    """The file, line by line; prefetch the assignee, the alerts and the scores."""
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield BOM + writer.writerow([column.title for column in columns])
    for submission in submissions:
        yield writer.writerow([harmless(column.cell(submission)) for column in columns])


def harmless(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing: '=1+1."""
    seen = next((letter for letter in text if unicodedata.category(letter) not in UNSEEN), "")
    return f"'{text}" if seen in FORMULA or text.startswith(("\t", "\r", "\n")) else text


def _unresolved(submission: Submission) -> str:
    return "; ".join(alert.label for alert in submission.alerts.all() if not alert.resolved_at)


def _total(submission: Submission, code: str) -> str:
    """Empty when it was not asked for; a gap is never a number."""
    score = score_of(submission, code)
    if score is None:
        return ""
    return "not complete" if score.total is None else plain(score.total)


def _band(submission: Submission, code: str) -> str:
    score = score_of(submission, code)
    return score.band_display if score else ""
