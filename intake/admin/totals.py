"""The totals of one person's submissions as a table and as charts, oldest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from intake.admin.course_chart import Chart, Reading, gad7_chart, phq9_chart
from intake.admin.inbox import plain
from intake.course import Point, Step, course
from intake.models import GAD7_TOTAL, PHQ9_TOTAL, Score, Submission


@dataclass(frozen=True, slots=True)
class Total:
    """`number` is empty when the form was not complete."""

    number: str
    band: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    submission: Submission
    phq9: Total | None  # None: the form was not asked
    step: Step | None
    gad7: Total | None

    @property
    def change(self) -> str:
        return _change(self.step)


@dataclass(frozen=True, slots=True)
class Totals:
    rows: list[Row]
    charts: list[Chart]
    others: list[Submission]


Scores = Mapping[tuple[UUID, str], Total]


def totals(submission: Submission, person: Sequence[Submission]) -> Totals | None:
    """Of the person's submissions, oldest first; None when none of them has a scored form."""
    scores = _scores(person)
    asked = [found for found in person if {(found.pk, PHQ9_TOTAL), (found.pk, GAD7_TOTAL)} & scores.keys()]
    if not asked:
        return None
    steps = _steps(asked, scores)
    rows = [
        Row(found, scores.get((found.pk, PHQ9_TOTAL)), steps.get(found.pk), scores.get((found.pk, GAD7_TOTAL)))
        for found in asked
    ]
    return Totals(rows, _charts(rows), [found for found in asked if found != submission])


def _scores(person: Sequence[Submission]) -> Scores:
    found = Score.objects.filter(response__submission__in=person, code__in=[PHQ9_TOTAL, GAD7_TOTAL])
    columns = found.values_list("response__submission_id", "code", "total", "band_display")
    return {(pk, code): Total("" if total is None else plain(total), band, total) for pk, code, total, band in columns}


def _steps(asked: Sequence[Submission], scores: Scores) -> dict[UUID, Step]:
    """What each PHQ-9 total is beside those before it, by the submission's id."""
    answered = [found for found in asked if (found.pk, PHQ9_TOTAL) in scores]
    points = [Point(_day(found), scores[found.pk, PHQ9_TOTAL].value) for found in answered]
    return {found.pk: step for found, step in zip(answered, course(points), strict=True)}


def _charts(rows: Sequence[Row]) -> list[Chart]:
    phq9 = [Reading(_day(row.submission), row.phq9.value, row.step) for row in rows if row.phq9]
    gad7 = [Reading(_day(row.submission), row.gad7.value) for row in rows if row.gad7]
    return [draw(found) for draw, found in ((phq9_chart, phq9), (gad7_chart, gad7)) if found]


def _day(submission: Submission) -> date:
    return timezone.localdate(submission.created_at)


def _change(step: Step | None) -> str:
    if step is None or step.change is None:
        return ""
    if not step.change:
        return "no change"
    return f"{plain(abs(step.change))} {'lower' if step.change < 0 else 'higher'}"
