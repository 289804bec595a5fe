"""What a form is worth with given answers: enabled items, the answers that count, and totals, in one pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from intake.fhir.conditions import conditions_hold, holds
from intake.fhir.model import Alert, Item, Questionnaire
from intake.fhir.scoring import total
from intake.fhir.values import Value

Answers = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    enabled: frozenset[str]  # linkIds, groups and display items included
    answers: Mapping[str, tuple[Value, ...]]  # of enabled items, in the form's order, totals included
    totals: Mapping[str, Decimal | None]  # by target; None for one that is not complete or not enabled

    def raised(self, questionnaire: Questionnaire) -> tuple[Alert, ...]:
        """The form's alerts that the answers raise, in the order they are declared."""
        return tuple(
            alert
            for alert in questionnaire.alerts
            if any(holds(trigger, self.answers.get(trigger.question, ())) for trigger in alert.when)
        )


AnswersOrEvaluation = Answers | Evaluation  # what was answered, or what that was already found to amount to


def evaluate(
    questionnaire: Questionnaire, answers: AnswersOrEvaluation, *, items: Sequence[Item] | None = None
) -> Evaluation:
    """Decide each item after everything that it depends on.

    Answers to items that are not enabled or not of the form count for nothing, and so does a total that came along.
    An evaluation of the same form is handed back. `items` are all of interest, each after all that it depends on.
    """
    if isinstance(answers, Evaluation):
        return answers
    enabled: set[str] = set()
    live: dict[str, tuple[Value, ...]] = {}
    totals: dict[str, Decimal | None] = {score.target: None for score in questionnaire.scores}
    for item in questionnaire.sequence if items is None else items:
        if item.parent is not None and item.parent not in enabled:
            continue
        if item.enable_when and not conditions_hold(item, live):
            continue
        enabled.add(item.link_id)
        if item.link_id in totals:
            totals[item.link_id] = total(questionnaire.score_of[item.link_id], questionnaire.by_id, live)
            live[item.link_id] = _as_answer(item, totals[item.link_id])
        elif item.is_question:
            live[item.link_id] = tuple(answers.get(item.link_id, ()))
    ordered = {item.link_id: live[item.link_id] for item in questionnaire.order if live.get(item.link_id)}
    return Evaluation(frozenset(enabled), ordered, totals)


def _as_answer(item: Item, total: Decimal | None) -> tuple[Value, ...]:
    if total is None:
        return ()
    return (int(total) if item.type == "integer" else total,)


def enabled(questionnaire: Questionnaire, answers: AnswersOrEvaluation) -> frozenset[str]:
    """The linkIds of the enabled items."""
    return evaluate(questionnaire, answers).enabled


def totals(questionnaire: Questionnaire, answers: AnswersOrEvaluation) -> dict[str, Decimal | None]:
    """The total of each score by its target; None when a source has no counting answer."""
    return dict(evaluate(questionnaire, answers).totals)


def raised(questionnaire: Questionnaire, answers: AnswersOrEvaluation) -> tuple[Alert, ...]:
    """The alerts that the answers raise, in the order they are declared."""
    return evaluate(questionnaire, answers).raised(questionnaire)
