"""From what a browser posted to values. The fields are named by position and never by linkId.

An option posts its position ("0", "1", …), a boolean "true" or "false", a date three fields: NAME-year, NAME-month
and NAME-day. Everything else posts the text that was typed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from intake.fhir import limits
from intake.fhir.answer_errors import AnswerError, Wrong
from intake.fhir.checks import INCOMPLETE, check_values, precision
from intake.fhir.json_text import fits
from intake.fhir.model import Item, Questionnaire
from intake.fhir.values import PartialDate, Value

Raw = Mapping[str, Sequence[str]]

# Main languages of CLDR's locales whose decimal separator is a comma.
COMMA_LANGUAGES = frozenset(
    ("bg", "ca", "cs", "da", "de", "el", "es", "fi", "fr", "hr", "hu", "it", "nb", "nl", "pl", "pt", "ro", "ru")
)

_DATE_PARTS = ("year", "month", "day")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+|[0-9]*\.[0-9]+)")
_POSITION = re.compile(r"[0-9]{1,3}")
_DIGITS = re.compile(r"[0-9]{1,2}")
_YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Reading:
    """`answers` holds what could be read; an item has either answers or an error, or neither when left empty."""

    answers: dict[str, tuple[Value, ...]]
    errors: tuple[AnswerError, ...]


def field_names(item: Item) -> tuple[str, ...]:
    """The names of the item's form fields; none when nobody can fill it in."""
    if not item.can_be_filled_in:
        return ()
    if item.type == "date":
        return tuple(f"{item.name}-{part}" for part in _DATE_PARTS)
    return (item.name,)


def read(
    questionnaire: Questionnaire, raw: Raw, *, items: Iterable[Item] | None = None, language: str = "en"
) -> Reading:
    """Read the fields of `items`, or of the whole form, whether enabled or not.

    Fields of hidden, readOnly and unknown items are dropped. A decimal comma is understood where `language` has it.
    """
    answers: dict[str, tuple[Value, ...]] = {}
    errors: list[AnswerError] = []
    for item in questionnaire.order if items is None else items:
        if not item.can_be_filled_in:
            continue
        try:
            if values := _values(item, raw, language):
                answers[item.link_id] = check_values(item, values)
        except Wrong as wrong:
            errors.append(wrong.of(item))
    return Reading(answers, tuple(errors))


def _values(item: Item, raw: Raw, language: str) -> tuple[Value, ...]:
    if item.type == "date":
        return _date(item, raw)
    typed = [text for text in raw.get(item.name, ()) if not is_blank(text)]
    if not typed:
        return ()
    if item.type == "choice":
        return _chosen(item, typed)
    if len(typed) > 1:
        raise Wrong("one-answer")
    match item.type:
        case "boolean":
            return (_boolean(typed[0]),)
        case "integer":
            return (_integer(item, typed[0].strip()),)
        case "decimal":
            return (_decimal(item, typed[0].strip(), language),)
    return (typed[0].replace("\r\n", "\n").replace("\r", "\n").strip(),)


def is_blank(text: str) -> bool:
    """Whether nothing of the text would be seen."""
    if text.isprintable():
        return not text.strip()
    return not any(char.isprintable() and not char.isspace() for char in text)


def _chosen(item: Item, typed: list[str]) -> tuple[Value, ...]:
    """The options at the posted positions, in the form's order, each once."""
    return tuple(item.options[at].value for at in sorted({_position(item, text) for text in typed}))


def _position(item: Item, text: str) -> int:
    if not _POSITION.fullmatch(text) or int(text) >= len(item.options):
        raise Wrong("option")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise Wrong("boolean")
    return text == "true"


def _integer(item: Item, text: str) -> int:
    _measure(item, text)
    if not _INTEGER.fullmatch(text):
        raise Wrong("whole-number")
    if len(text) > limits.NUMBER_DIGITS or int(text) not in limits.INTEGERS:
        raise Wrong("digits", limit=len(str(limits.INTEGERS.stop)) - 1)
    return int(text)


def _decimal(item: Item, text: str, language: str) -> Decimal:
    """The digits are kept as typed: 5.60 stays 5.60."""
    _measure(item, text)
    if language.partition("-")[0] in COMMA_LANGUAGES:
        text = text.replace(",", ".")
    if not _DECIMAL.fullmatch(text):
        raise Wrong("number")
    if len(text) > 2 * limits.NUMBER_DIGITS or not fits(Decimal(text)):
        raise Wrong("digits", limit=limits.NUMBER_DIGITS)
    return Decimal(text)


def _measure(item: Item, text: str) -> None:
    """The length of a number is that of what was typed."""
    if item.max_length is not None and len(text) > item.max_length:
        raise Wrong("max-length", limit=item.max_length)
    if item.min_length is not None and len(text) < item.min_length:
        raise Wrong("min-length", limit=item.min_length)


def _date(item: Item, raw: Raw) -> tuple[Value, ...]:
    year, month, day = parts = [_part(raw.get(f"{item.name}-{part}", ())) for part in _DATE_PARTS]
    if not any(parts):
        return ()
    if not all(parts[: precision(item)]):
        raise Wrong(INCOMPLETE[precision(item)])
    if not _YEAR.fullmatch(year) or not all(_DIGITS.fullmatch(part) for part in (month, day) if part):
        raise Wrong("date")
    try:
        return (PartialDate(int(year), int(month) if month else None, int(day) if day else None),)
    except ValueError:
        raise Wrong("date") from None


def _part(posted: Sequence[str]) -> str:
    typed = [text.strip() for text in posted if not is_blank(text)]
    if len(typed) > 1:
        raise Wrong("one-answer")
    return typed[0] if typed else ""
