"""A screening as the visitor walks through it: steps out of the questionnaires, answers out of the draft."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import transaction

from intake import fhir
from intake.identity import identity, misfits
from intake.models import ConsentText, Draft, Questionnaire, Submission

Answers = dict[str, tuple[fhir.Value, ...]]

ADULT_AGE = 18  # years


class Unfinished(Exception):
    """A required answer is missing, or one is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one questionnaire; `number` counts from 1 over the whole packet and is its address."""

    number: int
    questionnaire: Questionnaire
    page: fhir.Page

    @property
    def form(self) -> fhir.Questionnaire:
        return self.questionnaire.compiled

    @property
    def items(self) -> list[fhir.Item]:
        return [item for top in self.page.items for item in top.walk()]

    @property
    def field_names(self) -> list[str]:
        return [name for item in self.items for name in fhir.field_names(item)]


class Screening:
    """What a draft means now. Make a new one after the draft has changed."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.questionnaires = draft.questionnaires()
        pages = [(form, page) for form in self.questionnaires for page in form.compiled.pages()]
        self.all_steps = [Step(number, form, page) for number, (form, page) in enumerate(pages, start=1)]

    @cached_property
    def readings(self) -> dict[int, fhir.Reading]:
        return {
            form.pk: fhir.read(form.compiled, self.draft.raw(form.pk), language=self.draft.language)
            for form in self.questionnaires
        }

    @cached_property
    def enabled(self) -> dict[int, frozenset[str]]:
        return {form.pk: fhir.enabled(form.compiled, self.readings[form.pk].answers) for form in self.questionnaires}

    @cached_property
    def answers(self) -> dict[int, Answers]:
        """By questionnaire: the answers that count, those of enabled items."""
        return {
            pk: {link_id: values for link_id, values in reading.answers.items() if link_id in self.enabled[pk]}
            for pk, reading in self.readings.items()
        }

    @cached_property
    def steps(self) -> list[Step]:
        """The steps that ask something, as the answers stand."""
        return [step for step in self.all_steps if self.enabled_items(step)]

    def step(self, number: int) -> Step | None:
        return next((step for step in self.steps if step.number == number), None)

    def after(self, number: int) -> Step | None:
        return next((step for step in self.steps if step.number > number), None)

    def before(self, number: int) -> Step | None:
        return next((step for step in reversed(self.steps) if step.number < number), None)

    def enabled_items(self, step: Step) -> list[fhir.Item]:
        return [item for item in step.items if not item.hidden and item.link_id in self.enabled[step.questionnaire.pk]]

    def is_blank(self, step: Step) -> bool:
        """Whether nothing was typed into the step yet."""
        return self.draft.raw(step.questionnaire.pk).keys().isdisjoint(step.field_names)

    def errors(self, step: Step) -> list[fhir.AnswerError]:
        """What is wrong or missing on the step, one error an item, in the form's order."""
        pk, items = step.questionnaire.pk, self.enabled_items(step)
        wrong = {error.link_id: error for error in (*self.readings[pk].errors, *misfits(step.form, self.answers[pk]))}
        lacking = {error.link_id: error for error in fhir.missing(step.form, self.answers[pk], items=items)}
        found = lacking | wrong
        return [found[item.link_id] for item in items if item.link_id in found]

    @property
    def not_reached(self) -> Step | None:
        """The step to go on with: the first one after all that were saved."""
        return self.after(self.draft.reached)

    @property
    def unfinished(self) -> list[Step]:
        return [step for step in self.steps if self.errors(step)]

    @property
    def help_is_due(self) -> bool:
        """Whether an answer given so far is one that must bring crisis help into sight."""
        return any(
            alert.severity == "urgent"
            for form in self.questionnaires
            for alert in fhir.raised(form.compiled, self.answers[form.pk])
        )

    @property
    def identity(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for form in self.questionnaires:
            found |= identity(form.compiled, self.answers[form.pk])
        return found

    @transaction.atomic
    def send(self, consent: ConsentText) -> Submission:
        """Make the draft a submission, once: sent again, the same submission comes back. The draft is emptied.

        Raises Unfinished, with nothing stored, when a required answer is missing or one is wrong.
        """
        draft = Draft.objects.select_for_update(of=("self",)).get(pk=self.draft.pk)
        if draft.submission is None:
            draft.submission = Screening(draft)._receive(consent)
            draft.answers = {}
            draft.save(update_fields=["submission", "answers", "updated_at"])
        return draft.submission

    def _receive(self, consent: ConsentText) -> Submission:
        if self.unfinished:
            raise Unfinished
        return Submission.objects.receive(
            origin=self.draft.pk,
            kind=Submission.Kind.SCREENING,
            language=self.draft.language,
            consent=consent,
            details=self.identity,
            answered=[(form, self.answers[form.pk]) for form in self.questionnaires],
        )


def under_age(step: Step, posted: Mapping[str, list[str]], today: date) -> bool:
    """Whether the step asks for the birth date and what was posted is that of a minor."""
    answers = fhir.read(step.form, posted, items=step.items).answers
    birth_date = identity(step.form, answers).get("birth_date")
    return birth_date is not None and age(date.fromisoformat(birth_date), today) < ADULT_AGE


def age(born: date, today: date) -> int:
    """Completed years. Someone born on 29 February comes of age on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
