"""A QuestionnaireResponse that we wrote ourselves: read without doubt, and most of it goes into a Bundle unread."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from intake.fhir.json_text import loads
from intake.fhir.values import Coding, PartialDate, Value

Answers = dict[str, tuple[Value, ...]]


class StoredResponse(Mapping[str, object]):
    """`text` is a completed response of `response.build`, by `dumps`: with its record's identifier, and of nobody."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _read(self) -> dict[str, Any]:
        return loads(self.text)

    def __getitem__(self, key: str) -> Any:
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def recorded(response: Mapping[str, Any]) -> Answers:
    """The answers in a response that `response.build` made, by linkId; totals too.

    What comes from elsewhere is for `responses`, which doubts everything.
    """
    found: Answers = {}
    _gather(response.get("item", ()), found)
    return found


def _gather(items: Iterable[Mapping[str, Any]], found: Answers) -> None:
    for item in items:
        answers = item.get("answer", ())
        if values := tuple(_value(key, raw) for one in answers for key, raw in one.items() if key != "item"):
            found[item["linkId"]] = values
        for holder in (item, *answers):
            if "item" in holder:
                _gather(holder["item"], found)


def _value(key: str, raw: Any) -> Value:
    """A coding is the option's own to the last part."""
    match key:
        case "valueCoding":
            return Coding(**raw)
        case "valueDate":
            return PartialDate.parse(raw)
        case "valueDecimal":
            return Decimal(raw)
    value: Value = raw
    return value
