"""Answers as a person reads them: the rows of the check page, of the printable copy and of the review desk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from intake import fhir
from intake.messages import date_in_words
from intake.models import GAD7_TOTAL, PHQ9_TOTAL, Score, Submission
from intake.screening import Screening


@dataclass(frozen=True, slots=True)
class Row:
    """One enabled question. `values` is empty when it was not answered."""

    item: fhir.Item
    question: str
    values: tuple[str, ...]
    heading: str  # text of the closest group above; several rows share it

    @property
    def answer(self) -> str:
        """The values, a line each."""
        return "\n".join(self.values)


def rows(
    items: Sequence[fhir.Item],
    answers: Mapping[str, Sequence[fhir.Value]],
    enabled: frozenset[str],
    language: str,
    heading: str = "",
) -> Iterator[Row]:
    """The enabled, visible questions of `items` and below, in the form's order."""
    for item in items:
        if item.hidden or item.link_id not in enabled:
            continue
        if item.type == "group":
            yield from rows(item.items, answers, enabled, language, item.text(language))
            continue
        if item.type != "display":
            values = tuple(shown(item, value, language) for value in answers.get(item.link_id, ()))
            yield Row(item, item.text(language), values, heading)
        yield from rows(item.items, answers, enabled, language, heading)


def shown(item: fhir.Item, value: fhir.Value, language: str) -> str:
    """The answer in the reader's words: an option's label, yes or no, a date as it is written there."""
    for option in item.options:
        if option.value == value:
            return option.display(language)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, fhir.PartialDate):
        return date_in_words(value)
    return number_format(value) if isinstance(value, int | Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class Section:
    """One step's worth of rows, with the step's number where it can still be changed."""

    title: str
    rows: tuple[Row, ...]
    step: int | None = None
    language: str = ""  # of the questions and answers

    @property
    def parts(self) -> list["Part"]:
        """The rows, kept together under their headings."""
        return [Part(heading, list(group)) for heading, group in groupby(self.rows, key=lambda row: row.heading)]


class Part(NamedTuple):
    heading: str
    rows: list[Row]


def sections(screening: Screening) -> list[Section]:
    """What the visitor has answered so far, a section a step."""
    found = []
    for step in screening.steps:
        form, language = step.questionnaire, step.form.shown(screening.draft.language)
        with translation.override(language):
            shown_rows = tuple(rows(step.page.items, screening.answers(form), screening.enabled(form), language))
        found.append(Section(step.form.title(language), shown_rows, step.number, language))
    return found


def sections_of(submission: Submission, language: str) -> list[Section]:
    """What was sent, a section a questionnaire, in this language where the questionnaire has it."""
    found = []
    for response in submission.responses.select_related("questionnaire"):
        form, answers = response.questionnaire.compiled, response.answers
        shown = form.shown(language)
        with translation.override(shown):
            shown_rows = tuple(rows(form.items, answers, fhir.enabled(form, answers), shown))
        found.append(Section(form.title(shown), shown_rows, language=shown))
    return found


SPOKEN = {  # the only totals a patient hears of, and only in these words
    "minimal": _("minimal"),
    "mild": _("mild"),
    "moderate": _("moderate"),
    "moderately_severe": _("moderately severe"),
    "severe": _("severe"),
}


def spoken_bands(submission: Submission, language: str) -> list[tuple[str, str]]:
    """Title and severity word of each instrument whose band is told to the patient."""
    scores = Score.objects.filter(response__submission=submission, code__in=[PHQ9_TOTAL, GAD7_TOTAL])
    return [
        (score.response.questionnaire.compiled.title(language), str(SPOKEN[score.band]))
        for score in scores.select_related("response__questionnaire")
        if score.band
    ]
