"""What an answer can be, and how answers compare."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeGuard

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a system. `==` compares every part; `equal` compares as the form's rules do."""

    code: str
    system: str | None = None
    display: str | None = None

    def resource(self) -> dict[str, object]:
        parts = {"system": self.system, "code": self.code, "display": self.display}
        return {key: part for key, part in parts.items() if part is not None}


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A FHIR date: a year, a month of a year, or a day. Raises ValueError for one that is not in the calendar."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Raises ValueError for anything but YYYY, YYYY-MM and YYYY-MM-DD."""
        match = _DATE.fullmatch(text)
        if match is None:
            raise ValueError("not a date")
        return cls(*(int(part) if part else None for part in match.groups()))  # type: ignore[arg-type]

    @property
    def parts(self) -> tuple[int, ...]:
        return tuple(part for part in (self.year, self.month, self.day) if part is not None)

    def __str__(self) -> str:
        return "-".join(f"{part:0{4 if at == 0 else 2}}" for at, part in enumerate(self.parts))


Value = Coding | str | bool | int | Decimal | PartialDate


def equal(one: Value, other: Value) -> bool:
    """Codings by code, and by system unless one has none; numbers by value; dates only of the same precision."""
    if isinstance(one, Coding) and isinstance(other, Coding):
        return one.code == other.code and (None in (one.system, other.system) or one.system == other.system)
    if is_number(one) and is_number(other):
        return one == other
    return type(one) is type(other) and one == other


def order(one: Value, other: Value) -> int | None:
    """-1, 0 or 1 as `one` is before, at or after `other`; None when neither can be said.

    Only numbers and dates have an order; dates of different precision have one if their common part differs.
    """
    if isinstance(one, PartialDate) and isinstance(other, PartialDate):
        common = min(len(one.parts), len(other.parts))
        mine, theirs = one.parts[:common], other.parts[:common]
        if mine == theirs and one.parts != other.parts:
            return None
        return (mine > theirs) - (mine < theirs)
    if is_number(one) and is_number(other):
        return (one > other) - (one < other)
    return None


def is_number(value: Value) -> TypeGuard[int | Decimal]:
    """Whether it is a number, which to Python a bool is too."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
