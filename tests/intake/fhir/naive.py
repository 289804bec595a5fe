"""A second, slow reading of the enabling rules, straight from the specification, on the form's JSON."""

from decimal import Decimal
from typing import Any

from tests.intake.fhir.build import Json


def enabled(resource: Json, answers: dict[str, list[Any]]) -> set[str]:
    """Guess that every item is enabled, and correct the guess until nothing changes.

    A correct order exists because circles are refused, so that as many rounds as there are items always do.
    """
    items = list(walk(resource["item"], []))
    on = {item["linkId"] for item, _ in items}
    for _ in range(len(items) + 1):
        on = {
            item["linkId"]
            for item, parents in items
            if all(parent in on for parent in parents) and own_conditions(item, on, answers)
        }
    return on


def walk(items: list[Json], parents: list[str]):
    for item in items:
        yield item, parents
        yield from walk(item.get("item", []), [*parents, item["linkId"]])


def own_conditions(item: Json, on: set[str], answers: dict[str, list[Any]]) -> bool:
    conditions = item.get("enableWhen", [])
    results = [
        condition_holds(one, answers.get(one["question"], []) if one["question"] in on else []) for one in conditions
    ]
    if not results:
        return True
    return any(results) if item.get("enableBehavior") == "any" else False not in results


def condition_holds(condition: Json, given: list[Any]) -> bool:
    [wanted] = [value for key, value in condition.items() if key.startswith("answer")]
    operator = condition["operator"]
    if operator == "exists":
        return (len(given) > 0) == wanted
    if operator == "!=":
        return not [one for one in given if same(one, wanted)]
    if operator == "=":
        return len([one for one in given if same(one, wanted)]) > 0
    return len([one for one in given if before_or_after(one, operator, wanted)]) > 0


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        if "system" in one and "system" in other and one["system"] != other["system"]:
            return False
        return one["code"] == other["code"]
    return one == other


def before_or_after(one: Any, operator: str, other: Any) -> bool:
    if isinstance(one, str):  # dates: FHIR's text sorts as time does, where both have the same precision
        cut = min(len(one), len(other))
        if one[:cut] == other[:cut] and len(one) != len(other):
            return False
        one, other = one[:cut], other[:cut]
    else:
        one, other = Decimal(one), Decimal(other)
    return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[operator]
