"""Everything that can be wrong with an answer: a stable code, and what to tell the person who answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from intake.fhir.evaluation import Answers, AnswersOrEvaluation, evaluate
from intake.fhir.model import Item, Questionnaire

MESSAGES: Mapping[str, str] = {  # rule -> template in plain English, filled from the error's params
    "required": "Answer this question.",
    "option": "Choose one of the options of the list.",
    "one-answer": "Give one answer only.",
    "exclusive": "An option that excludes the others cannot be combined with them.",
    "boolean": "Choose Yes or No.",
    "whole-number": "Enter a whole number, such as 5.",
    "number": "Enter a number, such as 5.5.",
    "digits": "Enter a number of at most %(limit)s digits.",
    "too-low": "Enter %(limit)s or more.",
    "too-high": "Enter %(limit)s or less.",
    "too-early": "Enter a date that is not before %(limit)s.",
    "too-late": "Enter a date that is not after %(limit)s.",
    "date": "Enter a date that is in the calendar, the year with four digits.",
    "date-incomplete": "Enter day, month and year.",
    "month-incomplete": "Enter at least month and year.",
    "max-length": "Write at most %(limit)s characters.",
    "min-length": "Write at least %(limit)s characters.",
    "line-break": "Write this on one line.",
    "characters": "Take out the characters that cannot be shown.",
}


@dataclass(frozen=True, slots=True)
class AnswerError:
    link_id: str
    rule: str
    message: str  # a template; `str()` fills it in
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.params


class Wrong(ValueError):
    """An answer breaks `rule`; the item is named by whoever catches it."""

    def __init__(self, rule: str, **params: object) -> None:
        self.rule, self.params = rule, {name: str(value) for name, value in params.items()}

    def of(self, item: Item) -> AnswerError:
        return AnswerError(item.link_id, self.rule, MESSAGES[self.rule], self.params)


def missing(
    questionnaire: Questionnaire, answers: AnswersOrEvaluation, *, items: Iterable[Item] | None = None
) -> tuple[AnswerError, ...]:
    """One `required` error for each of `items` that is required, enabled and unanswered; without `items`, of all.

    An item that nobody can fill in, because it is hidden or readOnly, is never missing.
    """
    state = evaluate(questionnaire, answers)
    return tuple(
        Wrong("required").of(item)
        for item in (questionnaire.order if items is None else items)
        if item.required and item.link_id in state.enabled and _is_empty(item, state.enabled, state.answers)
    )


def _is_empty(item: Item, enabled: frozenset[str], answers: Answers) -> bool:
    """Whether the item could have an answer and has none; a group, anywhere below it."""
    if item.type != "group":
        return item.can_be_filled_in and not answers.get(item.link_id)
    below = [one for one in item.walk() if one.can_be_filled_in and one.link_id in enabled]
    return bool(below) and not any(answers.get(one.link_id) for one in below)
