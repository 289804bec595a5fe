"""When an item is enabled: what a condition says about the answers of its question."""

from collections.abc import Callable, Mapping, Sequence

from intake.fhir.model import Condition, Item
from intake.fhir.values import Value, equal, order

_ORDERS: Mapping[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def holds(condition: Condition, values: Sequence[Value]) -> bool:
    """Whether the condition is true of these answers to its question; an item that is not enabled has none."""
    match condition.operator:
        case "exists":
            return bool(values) is condition.answer
        case "=":
            return any(equal(value, condition.answer) for value in values)
        case "!=":
            return not any(equal(value, condition.answer) for value in values)
    compare = _ORDERS[condition.operator]
    signs = (order(value, condition.answer) for value in values)
    return any(sign is not None and compare(sign) for sign in signs)


def conditions_hold(item: Item, answers: Mapping[str, Sequence[Value]]) -> bool:
    """Whether the item's own conditions are fulfilled; `answers` are those of enabled items."""
    if not item.enable_when:
        return True
    decided = (holds(condition, answers.get(condition.question, ())) for condition in item.enable_when)
    return any(decided) if item.enable_behavior == "any" else all(decided)
