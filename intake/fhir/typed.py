"""FHIR's value[x]: the JSON under a key such as valueCoding, checked and turned into a value, and back."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from intake.fhir import limits
from intake.fhir.values import Coding, PartialDate, Value

_TOKEN = re.compile(r"\S+( \S+)*")  # FHIR code: no space around, none doubled, no line break


def boolean(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")
    return raw


def integer(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw not in limits.INTEGERS:
        raise ValueError("must be a whole number of 32 bits")
    return raw


def decimal(raw: object) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ValueError("must be a number")
    return Decimal(raw)


def string(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("must be a text that is not empty")
    return raw


def token(raw: object) -> str:
    """A code, an address, an id: one line without space around it."""
    text = string(raw)
    if not _TOKEN.fullmatch(text) or len(text) > limits.IDENTIFIER:
        raise ValueError(f"must be one line of at most {limits.IDENTIFIER} characters without space around it")
    return text


def date(raw: object) -> PartialDate:
    try:
        return PartialDate.parse(string(raw))
    except ValueError:
        raise ValueError("must be a date: YYYY, YYYY-MM or YYYY-MM-DD") from None


def coding(raw: object) -> Coding:
    if not isinstance(raw, Mapping):
        raise ValueError("must be a Coding")
    if "code" not in raw:
        raise ValueError("must have a code")
    parts: dict[str, str] = {}
    for key, read in (("code", token), ("system", token), ("display", string)):
        if key in raw:
            try:
                parts[key] = read(raw[key])
            except ValueError as error:
                raise ValueError(f"its {key} {error}") from None
    return Coding(**parts)


# The part of the key after `value` or `answer`, and what makes a value of the JSON under it, or raises ValueError with
# the rule that it breaks.
READERS: Mapping[str, Callable[[object], Value]] = {
    "Boolean": boolean,
    "Integer": integer,
    "Decimal": decimal,
    "String": string,
    "Code": token,
    "Date": date,
    "Coding": coding,
}


def written(value: Value, *, decimal: bool) -> tuple[str, object]:
    """The kind of value[x] and the JSON for a value; `decimal` makes a number valueDecimal."""
    match value:
        case Coding():
            return "Coding", value.resource()
        case bool():
            return "Boolean", value
        case PartialDate():
            return "Date", str(value)
        case str():
            return "String", value
        case int() if not decimal:
            return "Integer", value
    return "Decimal", value
