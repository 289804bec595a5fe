"""The QuestionnaireResponse of given answers."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from intake.fhir.evaluation import AnswersOrEvaluation, evaluate
from intake.fhir.model import Item, Questionnaire
from intake.fhir.typed import written
from intake.fhir.values import Value

STATUSES = ("in-progress", "completed", "amended", "entered-in-error", "stopped")

Resource = dict[str, object]


def build(
    questionnaire: Questionnaire,
    answers: AnswersOrEvaluation,
    *,
    authored: datetime,
    language: str,
    identifier: str | None = None,
    subject: str | None = None,
    source: str | None = None,
    author: str | None = None,
    status: str = "completed",
) -> Resource:
    """The response as FHIR JSON, with Decimal for decimals: write it with `dumps`.

    Only answers of enabled items get in, and totals are computed here, whatever `answers` holds for their items.
    `item.text` is the text in the language shown; a Coding keeps the option's own display, because it names the
    code and not what was on the screen. `identifier` is a UUID as text; `subject`, `source` and `author` are
    references. Raises ValueError for an `authored` without time zone, an unknown status, another identifier.
    """
    if authored.tzinfo is None:
        raise ValueError("authored needs a time zone")
    if status not in STATUSES:
        raise ValueError(f"status must be one of: {', '.join(STATUSES)}")
    shown = questionnaire.shown(language)
    live = evaluate(questionnaire, answers).answers
    parts: Resource = {
        "resourceType": "QuestionnaireResponse",
        "language": shown,
        "identifier": identifier_of(uuid.UUID(identifier)) if identifier else None,
        "questionnaire": questionnaire.canonical,
        "status": status,
        "subject": _reference(subject),
        "authored": authored.isoformat(timespec="seconds"),
        "author": _reference(author),
        "source": _reference(source),
        "item": _items(questionnaire.items, live, shown),
    }
    return {key: part for key, part in parts.items() if part}


def identifier_of(record: uuid.UUID) -> Resource:
    """The FHIR Identifier of one of our records."""
    return {"system": "urn:ietf:rfc:3986", "value": record.urn}


def _reference(reference: str | None) -> Resource | None:
    return {"reference": reference} if reference else None


def _items(items: Sequence[Item], answers: Mapping[str, tuple[Value, ...]], language: str) -> list[Resource]:
    found = (_item(item, answers, language) for item in items)
    return [one for one in found if one is not None]


def _item(item: Item, answers: Mapping[str, tuple[Value, ...]], language: str) -> Resource | None:
    """A group with what was answered in it, a question with its answers; None when there is neither."""
    below = _items(item.items, answers, language)
    own = [_answer(item, value) for value in answers.get(item.link_id, ())]
    if not own and not below:
        return None
    resource: Resource = {"linkId": item.link_id}
    if item.text:
        resource["text"] = item.text(language)
    if item.type == "group":
        return resource | {"item": below}
    if below:
        # An answered item below an unanswered question hangs on an answer without a value, so that it is not lost.
        own = own or [{}]
        own[0]["item"] = below
    return resource | {"answer": own}


def _answer(item: Item, value: Value) -> Resource:
    kind, raw = written(value, decimal=item.type == "decimal")
    return {f"value{kind}": raw}
