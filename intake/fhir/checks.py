"""What an item asks of its answers, wherever they come from: a browser or a QuestionnaireResponse."""

from collections.abc import Mapping
from decimal import Decimal

from intake.fhir import limits
from intake.fhir.answer_errors import Wrong
from intake.fhir.json_text import has_control, has_surrogate
from intake.fhir.model import Item
from intake.fhir.values import PartialDate, Value, equal, order

_PRECISIONS: Mapping[str | None, int] = {"YYYY": 1, "YYYY-MM": 2}  # by entryFormat
INCOMPLETE: Mapping[int, str] = {1: "date", 2: "month-incomplete", 3: "date-incomplete"}  # by precision


def check_values(item: Item, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the values, which are of the item's type. Raises Wrong for the first rule that they break."""
    if len(values) > 1 and not item.repeats:
        raise Wrong("one-answer")
    if len(values) > 1 and any(_excludes(item, value) for value in values):
        raise Wrong("exclusive")
    for value in values:
        if isinstance(value, str):
            _check_text(item, value)
        elif isinstance(value, PartialDate):
            _check_precision(item, value)
        _check_bounds(item, value)
    return values


def _excludes(item: Item, value: Value) -> bool:
    return any(option.exclusive and equal(option.value, value) for option in item.options)


def _check_text(item: Item, text: str) -> None:
    most = min(item.max_length or limits.ANSWER_TEXT, limits.ANSWER_TEXT)
    if len(text) > most:
        raise Wrong("max-length", limit=most)
    if item.min_length is not None and len(text) < item.min_length:
        raise Wrong("min-length", limit=item.min_length)
    if has_control(text) or has_surrogate(text):
        raise Wrong("characters")
    if item.type == "string" and len(text.splitlines()) > 1:
        raise Wrong("line-break")


def precision(item: Item) -> int:
    """How many parts of a date the item wants at least, counted from the year."""
    return _PRECISIONS.get(item.entry_format, 3)


def _check_precision(item: Item, value: PartialDate) -> None:
    if len(value.parts) < precision(item):
        raise Wrong(INCOMPLETE[precision(item)])


def _check_bounds(item: Item, value: Value) -> None:
    """A partial date passes when it may lie within the bounds."""
    if item.min_value is None and item.max_value is None:
        return
    dated = isinstance(value, PartialDate)
    if item.min_value is not None and order(value, item.min_value) == -1:
        raise Wrong("too-early" if dated else "too-low", limit=shown(item.min_value))
    if item.max_value is not None and order(value, item.max_value) == 1:
        raise Wrong("too-late" if dated else "too-high", limit=shown(item.max_value))


def shown(bound: int | Decimal | PartialDate) -> str:
    return f"{bound:f}" if isinstance(bound, Decimal) else str(bound)
