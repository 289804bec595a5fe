"""Answers as a person reads them: the rows of the check page, of the printable copy and of the review desk."""

import secrets
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from html import escape  # Django's own calls it, and takes three times as long
from itertools import groupby

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from clinic.kept import pages
from intake import fhir
from intake.messages import date_in_words
from intake.models import GAD7_TOTAL, PHQ9_TOTAL
from intake.models.response import code_of
from intake.screening import Screening

Evaluated = tuple[fhir.Questionnaire, fhir.Evaluation]

ANSWER = secrets.token_hex(16)  # in what is kept, in place of each visitor's own


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


@dataclass(frozen=True)
class Section:
    """One step's worth of rows, with the step's number where it can still be changed."""

    title: str
    rows: tuple[Row, ...]
    step: int | None = None
    language: str = ""  # of the questions and answers

    @property
    def html(self) -> SafeString:
        """All that is the same for every visitor is rendered once; nothing of an answer is kept."""
        parts = [(heading, self._rows(rows)) for heading, rows in groupby(self.rows, key=lambda row: row.heading)]
        headings = tuple(heading for heading, _ in parts)
        if headings not in self._kept:
            self._kept[headings] = self._frame(headings)
        frame = self._kept[headings].split(ANSWER)
        found = [text for around, (_, rows) in zip(frame, parts, strict=False) for text in (around, rows)]
        return mark_safe("".join([*found, frame[-1]]))  # nosec B308 # of templates, and escaped answers

    @cached_property
    def _kept(self) -> dict[Hashable, str]:
        """Of its questions and headings, what was rendered of them in this state of the database."""
        key = "answers", get_language(), self.language, self.title, self.step
        kept: dict[Hashable, str] = pages.remember(key, dict)
        return kept

    def _rows(self, rows: Iterable[Row]) -> str:
        found = []
        for row in rows:
            key = row.item, bool(row.values)
            if key not in self._kept:
                self._kept[key] = self._blank(row)
            found.append(self._kept[key].replace(ANSWER, escape(row.answer)))
        return "".join(found)

    def _blank(self, row: Row) -> str:
        told = {"row": row, "answer": ANSWER, "language": self.language, "step": self.step}
        return f"\n    {render_to_string('intake/answer.html', told).strip()}\n    "

    def _frame(self, headings: tuple[str, ...]) -> str:
        told = {"title": self.title, "language": self.language, "headings": headings, "mark": ANSWER}
        return render_to_string("intake/section.html", told)


def sections(screening: Screening) -> list[Section]:
    """What the visitor has answered so far, a section a step."""
    found = []
    for step in screening.steps:
        form, language = step.questionnaire, step.form.shown(screening.draft.language)
        with translation.override(language):
            shown_rows = tuple(rows(step.page.items, screening.answers(form), screening.enabled(form), language))
        found.append(Section(step.form.title(language), shown_rows, step.number, language))
    return found


def sections_of(answered: Iterable[Evaluated], language: str) -> list[Section]:
    """What was sent, a section a questionnaire, in this language where the questionnaire has it."""
    found = []
    for form, state in answered:
        shown = form.shown(language)
        with translation.override(shown):
            shown_rows = tuple(rows(form.items, state.answers, state.enabled, shown))
        found.append(Section(form.title(shown), shown_rows, language=shown))
    return found


SPOKEN = {  # the only totals a patient hears of, and only in these words
    "minimal": _("minimal"),
    "mild": _("mild"),
    "moderate": _("moderate"),
    "moderately_severe": _("moderately severe"),
    "severe": _("severe"),
}


def spoken_bands(answered: Iterable[Evaluated], language: str) -> list[tuple[str, str]]:
    """Title and severity word of each instrument whose band is told to the patient."""
    totals = (
        (form, fhir.band(score, state.totals[score.target]))
        for form, state in answered
        for score in form.scores
        if code_of(form, score) in (PHQ9_TOTAL, GAD7_TOTAL)
    )
    return [(form.title(language), str(SPOKEN[band.code])) for form, band in totals if band]
