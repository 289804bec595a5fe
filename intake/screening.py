"""A screening as the visitor walks through it: steps out of the questionnaires, answers out of the draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from clinic.kept import pages
from intake import fhir
from intake.identity import code_of, identity, misfits
from intake.models import ConsentText, Draft, Questionnaire, Submission
from intake.models.draft import Raw

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
    items: tuple[fhir.Item, ...]  # of the page, and all below them
    field_names: tuple[str, ...]
    birth_dates: tuple[fhir.Item, ...]  # the questions for it

    @property
    def always_asks(self) -> bool:
        """Whether something of it is enabled whatever was answered."""
        return any(not item.enable_when for item in self.page.items)

    @property
    def form(self) -> fhir.Questionnaire:
        return self.questionnaire.compiled

    @property
    def visible_items(self) -> Iterator[fhir.Item]:
        return (item for item in self.items if not item.hidden)


@dataclass(frozen=True)
class Part:
    """What was typed into one questionnaire so far, and what it means."""

    form: fhir.Questionnaire
    raw: Raw
    reading: fhir.Reading
    evaluation: fhir.Evaluation

    @cached_property
    def answers(self) -> Answers:
        """Those that count: of enabled items."""
        enabled = self.evaluation.enabled
        return {link_id: values for link_id, values in self.reading.answers.items() if link_id in enabled}

    @cached_property
    def wrong(self) -> dict[str, fhir.AnswerError]:
        """What is wrong with an answer, by linkId."""
        return {error.link_id: error for error in (*self.reading.errors, *misfits(self.form, self.answers))}

    @cached_property
    def identity(self) -> dict[str, str]:
        return identity(self.form, self.answers)


class Screening:
    """What a draft means now. Make a new one after the draft has changed.

    `before` is what it meant before: questionnaires that nobody touched since are not read again, in the same language.
    Raises crypto.UnreadableValue when the key of the answers is lost.
    """

    def __init__(self, draft: Draft, before: "Screening | None" = None) -> None:
        draft.answers  # noqa: B018 # decrypted here, so that every page says it when their key is lost
        self.draft = draft
        self.questionnaires = draft.questionnaires()
        self.all_steps = pages.remember(("steps", *draft.questionnaire_ids), lambda: _steps(self.questionnaires))
        self.parts: dict[int, Part] = {}  # by questionnaire, of those that were asked for
        self._known = before.parts if before and before.draft.language == draft.language else {}

    def part(self, form: Questionnaire) -> Part:
        """Read when it is first asked for: a step needs one or two of all."""
        if form.pk not in self.parts:
            self.parts[form.pk] = self._part(form)
        return self.parts[form.pk]

    def _part(self, form: Questionnaire) -> Part:
        raw, known = self.draft.raw(form.pk), self._known.get(form.pk)
        return known if known and known.raw == raw else _read(form.compiled, raw, self.draft.language)

    def is_untouched(self, form: Questionnaire) -> bool:
        """Whether nothing was typed into it yet."""
        return not self.draft.raw(form.pk)

    def answers(self, form: Questionnaire) -> Answers:
        return self.part(form).answers

    def enabled(self, form: Questionnaire) -> frozenset[str]:
        """The linkIds of its enabled items."""
        return self.part(form).evaluation.enabled

    @cached_property
    def steps(self) -> list[Step]:
        """The steps that ask something, as the answers stand."""
        return [step for step in self.all_steps if self._asks(step)]

    def _asks(self, step: Step) -> bool:
        if step.always_asks:
            return True
        enabled = self.enabled(step.questionnaire)
        return any(item.link_id in enabled for item in step.visible_items)

    def any_step(self, number: int) -> Step | None:
        """Also one that asks nothing, as the answers stand."""
        return next((step for step in self.all_steps if step.number == number), None)

    def step(self, number: int) -> Step | None:
        return next((step for step in self.steps if step.number == number), None)

    def after(self, number: int) -> Step | None:
        return next((step for step in self.steps if step.number > number), None)

    def before(self, number: int) -> Step | None:
        return next((step for step in reversed(self.steps) if step.number < number), None)

    def enabled_items(self, step: Step) -> list[fhir.Item]:
        enabled = self.enabled(step.questionnaire)
        return [item for item in step.visible_items if item.link_id in enabled]

    def is_blank(self, step: Step) -> bool:
        """Whether nothing was typed into the step yet."""
        return self.draft.raw(step.questionnaire.pk).keys().isdisjoint(step.field_names)

    def errors(self, step: Step) -> list[fhir.AnswerError]:
        """What is wrong or missing on the step, one error an item, in the form's order."""
        part, items = self.part(step.questionnaire), self.enabled_items(step)
        lacking = {error.link_id: error for error in fhir.missing(step.form, part.evaluation, items=items)}
        found = lacking | part.wrong
        return [found[item.link_id] for item in items if item.link_id in found]

    @property
    def not_reached(self) -> Step | None:
        """The step to go on with: the first one after all that were saved."""
        return self.after(self.draft.reached)

    @cached_property
    def unfinished(self) -> list[Step]:
        return [step for step in self.steps if self.errors(step)]

    @cached_property
    def help_is_due(self) -> bool:
        """Whether an answer given so far is one that must bring crisis help into sight."""
        return any(self._brings_help(form) for form in self.questionnaires if form.compiled.watched)

    def _brings_help(self, form: Questionnaire) -> bool:
        """Only what urgent alerts depend on is read for it, unless all has been read."""
        if form.pk in self.parts:
            found = self.parts[form.pk].evaluation
        else:
            watched = form.compiled.watched
            reading = fhir.read(form.compiled, self.draft.raw(form.pk), items=watched, language=self.draft.language)
            found = fhir.evaluate(form.compiled, reading.answers, items=watched)
        return any(alert.severity == "urgent" for alert in found.raised(form.compiled))

    @property
    def identity(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for form in self.questionnaires:
            found |= self.part(form).identity
        return found

    def send(self, consent: ConsentText, *, with_receipt: bool) -> Submission:
        """Make the draft a submission, once: sent again, the same submission comes back. The draft is emptied.

        Raises Unfinished, with nothing stored, when a required answer is missing or one is wrong.
        """
        if self.draft.submission:
            return self.draft.submission
        try:
            return self._receive(consent, with_receipt)
        except Submission.DoesNotExist:  # another tab has saved something since the draft was read
            now = Screening(Draft.objects.get(pk=self.draft.pk), before=self)
            return now.send(consent, with_receipt=with_receipt)

    def _receive(self, consent: ConsentText, with_receipt: bool) -> Submission:
        if self.unfinished:
            raise Unfinished
        return Submission.objects.receive(
            origin=self.draft.pk,
            kind=Submission.Kind.SCREENING,
            language=self.draft.language,
            consent=consent,
            details=self.identity,
            answered=[(form, self.part(form).evaluation) for form in self.questionnaires],
            with_receipt=with_receipt,
            draft=self.draft,
        )


def _steps(questionnaires: Sequence[Questionnaire]) -> list[Step]:
    found = [(form, page) for form in questionnaires for page in form.compiled.pages()]
    return [_step(number, form, page) for number, (form, page) in enumerate(found, start=1)]


def _step(number: int, questionnaire: Questionnaire, page: fhir.Page) -> Step:
    items = tuple(item for top in page.items for item in top.walk())
    names = tuple(name for item in items for name in fhir.field_names(item))
    birth_dates = tuple(item for item in items if code_of(item) == "birth-date")
    return Step(number, questionnaire, page, items, names, birth_dates)


def _read(form: fhir.Questionnaire, raw: Raw, language: str) -> Part:
    if not raw:
        return _untouched(form)
    reading = fhir.read(form, raw, language=language)
    return Part(form, raw, reading, fhir.evaluate(form, reading.answers))


@lru_cache(maxsize=64)
def _untouched(form: fhir.Questionnaire) -> Part:
    return Part(form, {}, fhir.Reading({}, ()), fhir.evaluate(form, {}))


def under_age(step: Step, posted: Mapping[str, list[str]], today: date) -> bool:
    """Whether the step asks for the birth date and what was posted is that of a minor."""
    reading = fhir.read(step.form, posted, items=step.birth_dates)
    birth_date = identity(step.form, reading.answers).get("birth_date")
    return birth_date is not None and age(date.fromisoformat(birth_date), today) < ADULT_AGE


def age(born: date, today: date) -> int:
    """Completed years. Someone born on 29 February comes of age on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
