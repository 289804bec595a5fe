"""One submission as a clinician reads it: alerts, what needs a question, each instrument with its total, the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.conf import settings

from clinic.crypto import UnreadableValue
from intake import fhir
from intake.admin.inbox import plain
from intake.admin.readable import fault
from intake.identity import code_of
from intake.models import Response, SafetyAlert, Score, Submission
from intake.summary import Row, Section, rows

REVIEW_SYSTEM = f"{settings.FHIR_BASE_URL}/CodeSystem/intake-review"
REVIEW_CODE = "review-if-yes-or-unsure"
TO_REVIEW = {"yes", "not-sure"}  # codes of options; a boolean counts when it is true


class Answered:
    """One form with its answers, read once; `fault` says why they cannot be decrypted, or nothing."""

    def __init__(self, response: Response) -> None:
        self.form = response.questionnaire.compiled
        self.scores = {score.link_id: score for score in response.scores.all()}
        self.language = "en" if "en" in self.form.languages else self.form.language
        self.answers: dict[str, tuple[fhir.Value, ...]] = {}
        self.fault = ""
        try:
            self.answers = response.answers
        except UnreadableValue as error:
            self.fault = fault(error)

    @cached_property
    def rows(self) -> list[Row]:
        if self.fault:
            return []
        enabled = fhir.enabled(self.form, self.answers)
        return list(rows(self.form.items, self.answers, enabled, self.language))

    @property
    def title(self) -> str:
        return self.form.title(self.language)

    def rows_of(self, link_ids: set[str]) -> list[Row]:
        return [row for row in self.rows if row.item.link_id in link_ids]


@dataclass(frozen=True, slots=True)
class AlertLine:
    alert: SafetyAlert
    answers: list[Row]  # to the questions that can raise it


@dataclass(frozen=True, slots=True)
class Review:
    """A safety answer that needs review, with the answers to the questions that it led to."""

    row: Row
    details: list[Row]


@dataclass(frozen=True, slots=True)
class Line:
    row: Row
    points: str


@dataclass(frozen=True, slots=True)
class Total:
    """`total` is empty when the form's answers do not give one; `missing` are the questions it lacks."""

    label: str
    total: str
    limits: str
    band: str
    band_limits: str
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Instrument:
    title: str
    lines: list[Line]
    totals: list[Total]
    fault: str


@dataclass(frozen=True, slots=True)
class Chart:
    alerts: list[AlertLine]
    review: list[Review]
    not_answered: list[Row]  # safety questions: a gap is not a No
    instruments: list[Instrument]
    sections: list[Section]
    unreadable: list[tuple[str, str]]  # titles of forms without a score, each with what is wrong


def chart(submission: Submission) -> Chart:
    responses = submission.responses.select_related("questionnaire").prefetch_related("scores")
    forms = [Answered(response) for response in responses]
    alerts = submission.alerts.select_related("acknowledged_by", "resolved_by")
    review = [found for form in forms for found in _review(form)]
    told = {id(row) for found in review for row in (found.row, *found.details)}
    return Chart(
        alerts=[AlertLine(alert, _raised_by(alert, forms)) for alert in alerts],
        review=review,
        not_answered=[row for form in forms for row in form.rows if _is_for_review(row.item) and not row.values],
        instruments=[_instrument(form, told) for form in forms if form.form.scores],
        sections=[section for form in forms if not form.form.scores for section in _section(form, told)],
        unreadable=[(form.title, form.fault) for form in forms if not form.form.scores and form.fault],
    )


def _raised_by(alert: SafetyAlert, forms: list[Answered]) -> list[Row]:
    found = []
    for form in forms:
        declared = [rule for rule in form.form.alerts if rule.code == alert.code]
        found += form.rows_of({trigger.question for rule in declared for trigger in rule.when})
    return found


def _is_for_review(item: fhir.Item) -> bool:
    return any(coding.system == REVIEW_SYSTEM and coding.code == REVIEW_CODE for coding in item.code)


def _review(form: Answered) -> Iterator[Review]:
    for row in form.rows:
        if _is_for_review(row.item) and any(map(_needs_review, form.answers.get(row.item.link_id, ()))):
            yield Review(row, [other for other in form.rows if other.values and _follows(other.item, row.item)])


def _needs_review(value: fhir.Value) -> bool:
    """Yes or not sure; for a question that asks how often, anything but never."""
    if isinstance(value, fhir.Coding):
        return value.code in TO_REVIEW
    return isinstance(value, int | Decimal) and value > 0


def _follows(item: fhir.Item, question: fhir.Item) -> bool:
    """Whether `item` is asked because of the answer to `question`."""
    conditions = {condition.question for condition in item.enable_when}
    return item.parent == question.link_id or question.link_id in conditions


def _section(form: Answered, told: set[int]) -> Iterator[Section]:
    """What has not been told elsewhere on the page."""
    left = [row for row in form.rows if id(row) not in told and not code_of(row.item)]
    if left:
        yield Section(form.title, tuple(left))


def _instrument(form: Answered, told: set[int]) -> Instrument:
    sources = {source for score in form.form.scores for source in score.sources}
    lines = [
        Line(row, _points(form, row.item) if row.item.link_id in sources else "")
        for row in form.rows
        if row.item.link_id in sources or id(row) not in told
    ]
    return Instrument(form.title, lines, [_total(form, score) for score in form.form.scores], form.fault)


def _points(form: Answered, item: fhir.Item) -> str:
    """What the answer counts: its option's points, or the number itself."""
    chosen = form.answers.get(item.link_id, ())
    if not item.options:
        return ", ".join(plain(Decimal(value)) for value in chosen if isinstance(value, int | Decimal))
    points = [option.ordinal for option in item.options if option.value in chosen and option.ordinal is not None]
    return plain(sum(points, Decimal(0))) if points else ""


def _total(form: Answered, declared: fhir.Score) -> Total:
    """The total as it was stored when the submission was received, with the form's own limits."""
    stored: Score | None = form.scores.get(declared.target)
    band = next((band for band in declared.bands if stored and band.code == stored.band), None)
    items = [form.form.by_id[source] for source in declared.sources]
    gaps = [item.text(form.language) for item in items if not form.answers.get(item.link_id)]
    return Total(
        label=form.form.by_id[declared.target].text(form.language),
        total=plain(stored.total) if stored and stored.total is not None else "",
        limits=_limits(items),
        band=stored.band_display if stored else "",
        band_limits=_range(band.low, band.high) if band else "",
        missing=[] if form.fault else gaps,
    )


def _limits(items: list[fhir.Item]) -> str:
    """The lowest and the highest total that the options allow."""
    points = [[option.ordinal for option in item.options if option.ordinal is not None] for item in items]
    if not all(points):
        return ""
    return _range(sum(map(min, points), Decimal(0)), sum(map(max, points), Decimal(0)))


def _range(low: Decimal, high: Decimal) -> str:
    return plain(low) if low == high else f"{plain(low)} to {plain(high)}"
