"""The rules between items: what conditions, scores and alerts may refer to, and that nothing goes in a circle."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from intake.fhir import limits
from intake.fhir.bands import Range, band_faults, fits_integer, reachable
from intake.fhir.declared import ALERT, SCORE
from intake.fhir.faults import Faults
from intake.fhir.items import ORDERS
from intake.fhir.model import Alert, Condition, Item, Score
from intake.fhir.texts import Desk
from intake.fhir.values import Coding, PartialDate, equal

Items = Mapping[str, Item]

_ANSWER_TYPES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int, Decimal),
    "decimal": (int, Decimal),
    "date": (PartialDate,),
    "string": (str,),
    "text": (str,),
}


def check_conditions(desk: Desk, by_id: Items) -> None:
    for item in by_id.values():
        for at, condition in enumerate(item.enable_when):
            element = f"enableWhen[{at}]"
            for part, rule in _condition_faults(condition, by_id, item):
                desk.faults.add(item.link_id, f"{element}.{part}", rule)
            if _no_such_option(condition, by_id):
                desk.note(item.link_id, element, "no option of the question equals this answer")


def _condition_faults(condition: Condition, by_id: Items, owner: Item | None) -> Iterator[tuple[str, str]]:
    question = by_id.get(condition.question)
    if question is None:
        yield "question", "names an item that does not exist"
        return
    if question is owner:
        yield "question", "names the item itself"
    elif owner is not None and question in owner.walk():
        yield "question", "names an item below the item itself"
    if not question.is_question:
        yield "question", f"names a {question.type}, which has no answer"
    elif condition.operator == "exists":
        if not isinstance(condition.answer, bool):
            yield "answer[x]", "exists takes a boolean"
    elif not _matches(condition, question):
        yield "answer[x]", f"cannot be the answer of a question of type {question.type}"
    elif condition.operator in ORDERS and isinstance(condition.answer, bool | str | Coding):
        yield "operator", "has no meaning for texts, codings and booleans"


def _matches(condition: Condition, question: Item) -> bool:
    """Whether the answer is of a type that the question can have; a type that could not be read is told elsewhere."""
    if not question.type:
        return True
    if question.type == "choice":
        return any(type(option.value) is type(condition.answer) for option in question.options)
    wanted = _ANSWER_TYPES[question.type]
    return isinstance(condition.answer, wanted) and isinstance(condition.answer, bool) is (bool in wanted)


def _no_such_option(condition: Condition, by_id: Items) -> bool:
    question = by_id.get(condition.question)
    if question is None or question.type != "choice" or condition.operator not in ("=", "!="):
        return False
    return not any(equal(option.value, condition.answer) for option in question.options)


def check_alerts(faults: Faults, alerts: tuple[Alert, ...], by_id: Items) -> None:
    """As conditions; and an answer that no option equals is refused, because nobody would miss the alert."""
    for at, alert in enumerate(alerts):
        for number, trigger in enumerate(alert.when):
            element = f"{ALERT}[{at}].when[{number}]"
            for part, rule in _condition_faults(trigger, by_id, None):
                faults.add(trigger.question, f"{element}.{part.removesuffix('[x]')}", rule)
            if _no_such_option(trigger, by_id):
                faults.add(trigger.question, f"{element}.answer", "no option of the question equals it")


def check_scores(faults: Faults, scores: tuple[Score, ...], by_id: Items) -> None:
    targets: set[str] = set()
    for at, score in enumerate(scores):
        for part, rule in [*_target_faults(score, by_id, targets), *_source_faults(score, by_id)]:
            faults.add(score.target, f"{SCORE}[{at}].{part}", rule)
        targets.add(score.target)


def _target_faults(score: Score, by_id: Items, taken: set[str]) -> Iterator[tuple[str, str]]:
    target = by_id.get(score.target)
    if target is None:
        yield "target", "names an item that does not exist"
    elif target.type not in ("integer", "decimal") or not target.read_only:
        yield "target", "must be a readOnly item of type integer or decimal"
    elif target.code and len(target.code[0].code) > limits.CODE:
        yield "target", f"its code is longer than {limits.CODE} characters"
    if score.target in taken:
        yield "target", "already holds another total"


def _source_faults(score: Score, by_id: Items) -> Iterator[tuple[str, str]]:
    for at, link_id in enumerate(score.sources):
        source = by_id.get(link_id)
        if source is None:
            yield f"source[{at}]", "names an item that does not exist"
        elif source.type not in ("choice", "integer", "decimal"):
            yield f"source[{at}]", "must be of type choice, integer or decimal"
        elif any(option.ordinal is None for option in source.options):
            yield f"source[{at}]", f"every option of {link_id} must carry an ordinalValue or itemWeight"
        if link_id in score.sources[:at]:
            yield f"source[{at}]", "is named twice"


def check_bands(faults: Faults, scores: tuple[Score, ...], sequence: tuple[Item, ...], by_id: Items) -> None:
    """Needs checked scores, and the items after all that their totals depend on."""
    score_of = {score.target: (at, score) for at, score in enumerate(scores)}
    ranges: dict[str, Range] = {}
    for item in sequence:
        if item.link_id not in score_of:
            continue
        at, score = score_of[item.link_id]
        found = ranges[item.link_id] = reachable([by_id[source] for source in score.sources], ranges)
        for rule in band_faults(score.bands, found):
            faults.add(item.link_id, f"{SCORE}[{at}].band", rule)
        if item.type == "integer" and not fits_integer(found):
            faults.add(item.link_id, f"{SCORE}[{at}].target", "must be a decimal: a total can have a fraction")


def needs(order: tuple[Item, ...], scores: tuple[Score, ...]) -> dict[str, list[str]]:
    """By item: its parent, the questions of its conditions and the sources of its total."""
    sources = {score.target: score.sources for score in scores}
    return {
        item.link_id: [
            *([item.parent] if item.parent else []),
            *(condition.question for condition in item.enable_when),
            *sources.get(item.link_id, ()),
        ]
        for item in order
    }


def watched(sequence: tuple[Item, ...], scores: tuple[Score, ...], alerts: tuple[Alert, ...]) -> tuple[Item, ...]:
    """The questions of urgent alerts and all that these need, in the sequence's order."""
    needed = needs(sequence, scores)
    found = {trigger.question for alert in alerts if alert.severity == "urgent" for trigger in alert.when}
    for item in reversed(sequence):
        if item.link_id in found:
            found.update(needed[item.link_id])
    return tuple(item for item in sequence if item.link_id in found)


def sequence(faults: Faults, order: tuple[Item, ...], by_id: Items, scores: tuple[Score, ...]) -> tuple[Item, ...]:
    """Every item after all that it needs."""
    try:
        return tuple(by_id[link_id] for link_id in TopologicalSorter(needs(order, scores)).static_order())
    except CycleError as error:
        _circle(faults, error.args[1][:-1], by_id)
        return ()


def _circle(faults: Faults, circle: list[str], by_id: Items) -> None:
    """Name the circle at an item that has a condition, if one of them has."""
    first = next((link_id for link_id in circle if by_id[link_id].enable_when), circle[0])
    element = "enableWhen" if by_id[first].enable_when else SCORE
    shown = ", ".join(circle[:8]) + (", …" if len(circle) > 8 else "")
    faults.add(first, element, f"depends on itself, through: {shown}")
