"""JSON in and out: nothing that a file holds gets further than this unless it is plain, bounded JSON."""

import hashlib
import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from intake.fhir import limits
from intake.fhir.faults import DefinitionError, Fault, Faults, Place

_TOO_LONG = f"is longer than {limits.FILE_BYTES // 1000} kB"
_NOT_A_NUMBER = f"is not a number of at most {limits.NUMBER_DIGITS} digits"
_BOUND: int = 10**limits.NUMBER_DIGITS
_CONTROLS = frozenset(map(chr, [*range(32), *range(127, 160)])) - set("\t\n\r")


def read_file(path: Path) -> bytes:
    """The bytes of an ordinary file, and of one that is too long no more than shows it.

    Raises DefinitionError for anything else, without waiting.
    """
    try:
        raw = _head(path) if stat.S_ISREG(path.stat().st_mode) else None
    except OSError as error:
        raise _refused(f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise _refused("cannot be read: its name is not a path") from None
    if raw is None:
        raise _refused("is not an ordinary file")
    return raw


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(limits.FILE_BYTES + 1)


def read_json(raw: bytes | str | Mapping[str, object]) -> dict[str, object]:
    """The object in `raw`, with Decimal for numbers that have a fraction or exponent.

    Raises DefinitionError for too long, too deep, broken or ambiguous JSON, and for text that cannot be shown.
    """
    document: object = _loads(_text(raw)) if isinstance(raw, bytes | bytearray | str) else raw
    faults = Faults()
    plain = _Cleaner(faults).clean(document, Place(faults), 0)
    faults.stop_if_any()
    if not isinstance(plain, dict):
        raise _refused("is not a JSON object")
    return plain


def _text(raw: bytes | bytearray | str) -> str:
    try:
        data = raw.encode() if isinstance(raw, str) else raw
        if len(data) > limits.FILE_BYTES:
            raise _refused(_TOO_LONG)
        return data.decode()
    except UnicodeError:
        raise _refused("is not UTF-8 text") from None


def _loads(text: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=lambda name: _Flaw(f"{name} is not a JSON number"),
            parse_int=lambda digits: _number(digits, int),
            parse_float=lambda digits: _number(digits, Decimal),
        )
    except json.JSONDecodeError as error:
        raise _refused(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _refused(f"is nested deeper than {limits.JSON_DEPTH} levels") from None


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Stands in the place of a value that JSON text cannot have, until the place can be named."""

    rule: str


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        found[key] = _Flaw("the key appears twice") if key in found else value
    return found


def _number(digits: str, kind: Callable[[str], int | Decimal]) -> "int | Decimal | _Flaw":
    try:
        return kind(digits)
    except (ValueError, InvalidOperation):  # an int of thousands of digits, an exponent that is as long
        return _Flaw(_NOT_A_NUMBER)


@dataclass(slots=True)
class _Cleaner:
    """Copies JSON values and notes what is not plain JSON; the budget bounds what was not read from a text."""

    faults: Faults
    left: int = field(default=limits.FILE_BYTES)

    def clean(self, value: object, place: Place, depth: int) -> object:
        self._spend(1)
        if depth > limits.JSON_DEPTH:
            place.fault(f"is nested deeper than {limits.JSON_DEPTH} levels")
            self.faults.stop_if_any()
        if isinstance(value, Mapping):
            return self._mapping(value, place, depth)
        if isinstance(value, list | tuple):
            return [self.clean(one, place.at(f"[{at}]"), depth + 1) for at, one in enumerate(value)]
        return self._leaf(value, place)

    def _mapping(self, value: Mapping[object, object], place: Place, depth: int) -> dict[str, object]:
        link_id = value.get("linkId")
        if isinstance(link_id, str):
            place = Place(self.faults, link_id)
        copy: dict[str, object] = {}
        for key, one in value.items():
            if not isinstance(key, str):
                place.fault("a key is not a string")
                continue
            self._string(key, place)
            copy[key] = self.clean(one, place.at(key), depth + 1)
        return copy

    def _leaf(self, value: object, place: Place) -> object:
        if isinstance(value, float):
            value = _number(repr(value), Decimal)
        if isinstance(value, _Flaw):
            place.fault(value.rule)
        elif isinstance(value, str):
            return self._string(value, place)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self._bounded(value, place)
        elif value is not None and not isinstance(value, bool):
            place.fault("is not JSON")
        return value

    def _string(self, text: str, place: Place) -> str:
        self._spend(len(text))
        if has_control(text):
            place.fault("has a control character")
        if has_surrogate(text):
            place.fault("has half a character (a lone surrogate)")
        return text

    def _bounded(self, number: int | Decimal, place: Place) -> int | Decimal:
        if not fits(number):
            place.fault(_NOT_A_NUMBER)
        return number

    def _spend(self, amount: int) -> None:
        self.left -= amount
        if self.left < 0:
            raise _refused(_TOO_LONG)


def has_control(text: str) -> bool:
    """Whether the text has a control character other than tab and line breaks."""
    return not _CONTROLS.isdisjoint(text)


def has_surrogate(text: str) -> bool:
    """Whether the text has half of a surrogate pair, which no encoding can hold."""
    return not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)


def fits(number: int | Decimal) -> bool:
    """Whether the number, written out without exponent, has at most `limits.NUMBER_DIGITS` digits."""
    if isinstance(number, int):
        return abs(number) < _BOUND
    if not number.is_finite():
        return False
    exponent = int(number.as_tuple().exponent)
    before = max(number.adjusted() + 1, 1)
    return before <= limits.NUMBER_DIGITS and before + max(-exponent, 0) <= limits.NUMBER_DIGITS


def loads(text: str) -> dict[str, Any]:
    """What `dumps` wrote of an object, with Decimal for numbers that have a fraction. Checks nothing."""
    return json.loads(text, parse_float=Decimal)  # type: ignore[no-any-return]


def dumps(value: object, *, sort_keys: bool = False) -> str:
    """JSON without spaces. A Decimal is written with the digits it has, which json.dumps alone cannot do."""
    try:
        return _encoder(sort_keys).encode(value)
    except _Digits:
        return _written(value, sort_keys)


class _Digits(Exception):
    """A Decimal has digits that no int or float is written with: 5.60."""


@cache
def _encoder(sort_keys: bool) -> json.JSONEncoder:
    return json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys, default=_plain
    )


def _plain(value: object) -> object:
    """The same in a type that the encoder knows. Raises _Digits."""
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    text = f"{value:f}"
    number = float(text) if "." in text else int(value)
    if repr(number) != text:
        raise _Digits
    return number


def _written(value: object, sort_keys: bool) -> str:
    """As `dumps`, value by value, which is slow."""
    if isinstance(value, Mapping):
        items = sorted(value.items()) if sort_keys else value.items()
        inside = (f"{json.dumps(key, ensure_ascii=False)}:{_written(one, sort_keys)}" for key, one in items)
        return "{" + ",".join(inside) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_written(one, sort_keys) for one in value) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def digest(resource: Mapping[str, object]) -> str:
    """SHA-256, in hex, of the canonical JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(dumps(resource, sort_keys=True).encode()).hexdigest()


def _refused(rule: str) -> DefinitionError:
    return DefinitionError((Fault("", "file", rule),))
