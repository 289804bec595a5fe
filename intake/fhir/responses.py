"""Reading and checking a QuestionnaireResponse, whoever wrote it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from intake.fhir import limits, typed
from intake.fhir.answer_errors import AnswerError, Wrong, missing
from intake.fhir.checks import check_values
from intake.fhir.evaluation import Evaluation, evaluate, raised
from intake.fhir.faults import one_line
from intake.fhir.json_text import fits
from intake.fhir.model import Item, Questionnaire
from intake.fhir.response import STATUSES
from intake.fhir.values import Value, equal

_FINISHED = ("completed", "amended")

RULES: Mapping[str, str] = {  # rule -> message; the rules of answers themselves are in `answer_errors`
    "resource-type": "The resource is not a QuestionnaireResponse.",
    "questionnaire": "The response is to another form, or to another version of it.",
    "status": "The status is not one of: " + ", ".join(STATUSES) + ".",
    "structure": "This is not written as a QuestionnaireResponse is.",
    "unknown-item": "The form has no such item here.",
    "order": "The item is not where the form has it.",
    "twice": "The item appears more than once.",
    "type": "The answer is not of the type that the item asks for.",
    "not-enabled": "The item is not enabled by the other answers.",
    "total": "The total is not the one that the answers give.",
}

_KINDS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("Boolean",),
    "integer": ("Integer",),
    "decimal": ("Decimal",),
    "date": ("Date",),
    "string": ("String",),
    "text": ("String",),
    "choice": ("Coding", "String", "Integer"),
}


@dataclass(slots=True)
class _Reader:
    questionnaire: Questionnaire
    answers: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    errors: list[AnswerError] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def error(self, link_id: str, rule: str) -> None:
        self.keep_error(AnswerError(one_line(link_id, limits.LINK_ID), rule, RULES[rule]))

    def keep_error(self, found: AnswerError) -> None:
        if len(self.errors) < limits.FAULTS and found not in self.errors:
            self.errors.append(found)

    def items(self, raw: object, expected: tuple[Item, ...], link_id: str) -> None:
        """Read the list of items that stands at a form, a group or an answer; `link_id` names the holder."""
        by_id = {item.link_id: at for at, item in enumerate(expected)}
        last = 0
        for one in self._objects(raw, link_id):
            name = one.get("linkId")
            if not isinstance(name, str):
                self.error(link_id, "structure")
            elif name not in by_id:
                self.error(name, "unknown-item")
            elif name in self.seen:
                self.error(name, "twice")
            else:
                if by_id[name] < last:
                    self.error(name, "order")
                last = max(last, by_id[name])
                self.seen.add(name)
                self._item(one, expected[by_id[name]])

    def _objects(self, raw: object, link_id: str) -> Iterator[Mapping[str, object]]:
        if not isinstance(raw, list) or not raw or len(raw) > limits.ITEMS:
            self.error(link_id, "structure")
            return
        for one in raw:
            if isinstance(one, Mapping):
                yield one
            else:
                self.error(link_id, "structure")

    def _item(self, raw: Mapping[str, object], item: Item) -> None:
        allowed = {"linkId", "text", "item" if item.type == "group" else "answer"}
        if item.type == "display" or set(raw) - allowed or not isinstance(raw.get("text", ""), str):
            self.error(item.link_id, "structure")
        if item.type == "group":
            if "item" in raw:
                self.items(raw["item"], item.items, item.link_id)
        elif item.is_question and "answer" in raw:
            self._answers(raw["answer"], item)
        elif item.is_question:
            self.error(item.link_id, "structure")

    def _answers(self, raw: object, item: Item) -> None:
        values: list[Value] = []
        for one in self._objects(raw, item.link_id):
            given = [key for key in one if key != "item"]
            if len(given) > 1 or not one:
                self.error(item.link_id, "structure")
            elif given and (value := self._value(item, given[0], one[given[0]])) is not None:
                values.append(value)
            if "item" in one:
                self.items(one["item"], item.items, item.link_id)
        self._keep(item, tuple(values))

    def _value(self, item: Item, key: str, raw: object) -> Value | None:
        """The value as the form has it: an option instead of the coding that was sent."""
        kind = key.removeprefix("value")
        if not key.startswith("value") or kind not in _KINDS[item.type]:
            self.error(item.link_id, "type")
            return None
        try:
            value = typed.READERS[kind](raw)
        except ValueError:
            self.error(item.link_id, "type")
            return None
        if item.type != "choice":
            return value
        own = next((option.value for option in item.options if equal(option.value, value)), None)
        if own is None:
            self.keep_error(Wrong("option").of(item))
        return own

    def _keep(self, item: Item, values: tuple[Value, ...]) -> None:
        if any(isinstance(value, Decimal) and not fits(value) for value in values):
            self.keep_error(Wrong("digits", limit=limits.NUMBER_DIGITS).of(item))
            return
        try:
            kept = check_values(item, values) if item.link_id not in self.questionnaire.score_of else values
        except Wrong as wrong:
            self.keep_error(wrong.of(item))
            return
        if kept:
            self.answers[item.link_id] = kept


def _read(questionnaire: Questionnaire, response: Mapping[str, object]) -> _Reader:
    reader = _Reader(questionnaire)
    if response.get("resourceType") != "QuestionnaireResponse":
        reader.error("", "resource-type")
    if response.get("questionnaire") != questionnaire.canonical:
        reader.error("", "questionnaire")
    if response.get("status") not in STATUSES:
        reader.error("", "status")
    if "item" in response:
        reader.items(response["item"], questionnaire.items, "")
    return reader


def answers_of(questionnaire: Questionnaire, response: Mapping[str, object]) -> dict[str, tuple[Value, ...]]:
    """The answers in a response by linkId, totals as stored. What `check` finds wrong is left out."""
    return _read(questionnaire, response).answers


def check(questionnaire: Questionnaire, response: Mapping[str, object]) -> tuple[AnswerError, ...]:
    """What is wrong with a response, bounded in number; completed ones must also be complete."""
    return assess(questionnaire, response)[1]


def assess(questionnaire: Questionnaire, response: Mapping[str, object]) -> tuple[Evaluation, tuple[AnswerError, ...]]:
    """What the response's sound answers amount to, and what is wrong with it."""
    reader = _read(questionnaire, response)
    state = evaluate(questionnaire, reader.answers)
    for link_id, values in reader.answers.items():
        if link_id not in state.enabled:
            reader.error(link_id, "not-enabled")
        elif values != state.answers.get(link_id):
            reader.error(link_id, "total")
    wrong = {error.link_id for error in reader.errors}
    if response.get("status") in _FINISHED:
        lacking = missing(questionnaire, reader.answers)
        reader.errors.extend(error for error in lacking if error.link_id not in wrong)
    at = {item.link_id: number for number, item in enumerate(questionnaire.order)}
    return state, tuple(sorted(reader.errors, key=lambda error: at.get(error.link_id, -1)))


def report(questionnaire: Questionnaire, response: Mapping[str, object]) -> dict[str, object]:
    """All that a response amounts to, as plain JSON: enabled items in the form's order, errors, scores, alerts."""
    state, errors = assess(questionnaire, response)
    return {
        "enabled": [item.link_id for item in questionnaire.order if item.link_id in state.enabled],
        "errors": [{"linkId": error.link_id, "rule": error.rule, "message": str(error)} for error in errors],
        "scores": dict(state.totals),
        "alerts": [alert.code for alert in raised(questionnaire, state.answers)],
    }
