"""How often side effects were counted: fields of a hundred people, one path for all who are drawn alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.safestring import SafeString

from content.figures.frame import Cite, cited, figure, note
from content.figures.markup import Value, drawing, number, tag
from content.figures.words import read

COLUMNS = 10
WIDE, TALL = 12, 14  # of the room of one person
# A head, and shoulders under it, from the head's left edge on.
PERSON = "a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0-4.2 0m-1.6 9.2v-2.8a3.7 3.4 0 0 1 7.4 0v2.8z"
STRIPES = "m.2-2.9h7m-7 1.5h7"  # across the shoulders


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """So many of a number of people, from the lowest count to the highest."""

    low: float
    high: float
    of: int
    sources: list[str]
    effect: str
    detail: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= self.of:
            raise ValueError(f"{self.low} to {self.high} of {self.of} is no count of people.")

    @property
    def whole(self) -> tuple[int, int]:
        """The people to draw, halves rounded up."""
        low, high = (int(Decimal(str(part)).quantize(Decimal(1), ROUND_HALF_UP)) for part in (self.low, self.high))
        return low, high

    def said(self, words: dict[str, Any]) -> str:
        form: str = words["one" if self.low == self.high else "range"]
        return form.format(low=number(self.low), high=number(self.high), of=number(self.of))

    def rounding(self, words: dict[str, Any]) -> str:
        """Says what the field does not show exactly, if anything."""
        exact = self.of != 100 or self.whole == (self.low, self.high)
        return "" if exact else " " + words["rounded"].format(drawn=self.whole[1])


def people(first: int, last: int, extra: str = "") -> str:
    """The path of the people with these places in a field, counted from 0 row by row, `last` left out."""
    return "".join(
        f"M{at % COLUMNS * WIDE + 3.9:g} {at // COLUMNS * TALL + 3:g}{PERSON}{extra}" for at in range(first, last)
    )


def field(count: Count) -> SafeString:
    """A hundred people: filled to the low count, striped to the high one, outlined beyond it."""
    low, high = count.whole
    return drawing(COLUMNS * WIDE, COLUMNS * TALL, *_crowd(low, high, 100), class_="people")


def draw(language: str, cite: Cite) -> SafeString:
    words = read("how-often", language)
    groups = [_group(group, words, cite) for group in words["groups"]]
    return figure(
        "how-often", words, _legend(words["legend"]), tag("div", *groups, class_="counted"), note=note(words["note"])
    )


def _crowd(low: int, high: int, of: int) -> Iterator[Value]:
    for kind, first, last in (("low", 0, low), ("high", low, high), ("rest", high, of)):
        if first < last:
            yield _alike(kind, first, last)


def _alike(kind: str, first: int, last: int) -> SafeString:
    filled = {"fill": "currentColor"} if kind == "low" else {}
    return tag("path", d=people(first, last, STRIPES if kind == "high" else ""), class_=f"people__{kind}", **filled)


def _legend(words: dict[str, str]) -> SafeString:
    items = [
        tag("li", drawing(WIDE, TALL, _alike(kind, 0, 1), class_="people"), words[kind])
        for kind in ("low", "high", "rest")
    ]
    return tag("ul", *items, class_="figure__legend")


def _group(group: dict[str, Any], words: dict[str, Any], cite: Cite) -> SafeString:
    rows = [_row(Count(**row), words, cite) for row in group["rows"]]
    title = tag("p", group["title"], class_="figure__panel")
    return tag("div", title, tag("ul", *rows, class_="counts"), class_="counted__group")


def _row(count: Count, words: dict[str, Any], cite: Cite) -> SafeString:
    told = tag(
        "p",
        tag("strong", count.said(words), class_="count__number"),
        " ",
        count.effect,
        ". ",
        tag("span", count.detail, count.rounding(words), cited(count.sources, cite), class_="count__detail"),
    )
    return tag("li", field(count) if count.of == 100 else None, told, class_="count")
