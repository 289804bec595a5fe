"""The conditions of a page, as data for the script that shows and hides questions while they are answered.

The server decides everything that it can: which positions of a list fulfil a condition, and every condition on an
earlier page. What is left for the script is to compare a typed number or date.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from intake import fhir
from intake.screening import Step

BOOLEANS = {"true": True, "false": False}


def live_rules(step: Step, answers: Mapping[str, Sequence[fhir.Value]]) -> dict[str, str]:
    """JSON by linkId, for items of the step that have conditions."""
    on_page = {item.link_id for item in step.items}
    return {item.link_id: _rule(item, step, on_page, answers) for item in step.items if item.enable_when}


def decided_before(step: Step, answers: Mapping[str, Sequence[fhir.Value]]) -> tuple[bool, ...]:
    """The outcomes of conditions on earlier pages: all that rules take from answers."""
    on_page = {item.link_id for item in step.items}
    conditions = (condition for item in step.items for condition in item.enable_when)
    return tuple(
        fhir.holds(condition, answers.get(condition.question, ()))
        for condition in conditions
        if condition.question not in on_page
    )


def _rule(item: fhir.Item, step: Step, on_page: set[str], answers: Mapping[str, Sequence[fhir.Value]]) -> str:
    when = [
        _condition(condition, step.form.by_id[condition.question])
        if condition.question in on_page
        else fhir.holds(condition, answers.get(condition.question, ()))
        for condition in item.enable_when
    ]
    return json.dumps({"any": item.enable_behavior == "any", "when": when}, separators=(",", ":"))


def _condition(condition: fhir.Condition, question: fhir.Item) -> dict[str, Any]:
    """`unanswered` is the outcome without an answer; `values` are the posted values that fulfil the condition."""
    rule: dict[str, Any] = {"field": question.name, "unanswered": fhir.holds(condition, ())}
    if condition.operator == "exists":
        return rule | {"answered": not rule["unanswered"]}
    if question.type == "choice":
        posted: dict[str, fhir.Value] = {str(at): option.value for at, option in enumerate(question.options)}
    elif question.type == "boolean":
        posted = dict(BOOLEANS)
    else:
        return rule | {"type": question.type, "operator": condition.operator, "value": str(condition.answer)}
    fulfil = [text for text, value in posted.items() if fhir.holds(condition, (value,))]
    return rule | {"values": fulfil, "every": condition.operator == "!="}
