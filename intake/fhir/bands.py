"""Which totals a score can reach, and whether its bands give each of them exactly one name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from math import gcd

from intake.fhir.model import Band, Item


@dataclass(frozen=True, slots=True)
class Range:
    """Every reachable total is low, or a number of steps above it, up to high. None means without end."""

    low: Fraction | None
    high: Fraction | None
    step: Fraction | None  # 0: only low can be reached; None: every number between

    def after(self, number: Fraction) -> Fraction:
        """The first reachable total above `number`, or `number` itself where totals lie without gaps."""
        assert self.low is not None
        if number < self.low:
            return self.low
        if not self.step:
            return number
        return self.low + ((number - self.low) // self.step + 1) * self.step


def reachable(sources: Sequence[Item], totals: Mapping[str, Range]) -> Range:
    """The range of the sum; `totals` are the ranges of sources that are totals themselves."""
    ranges = [totals.get(source.link_id) or _of(source) for source in sources]
    lows, highs = [one.low for one in ranges], [one.high for one in ranges]
    steps = [one.step for one in ranges]
    return Range(
        low=None if None in lows else sum((low for low in lows if low is not None), Fraction()),
        high=None if None in highs else sum((high for high in highs if high is not None), Fraction()),
        step=None if None in steps else _common(step for step in steps if step is not None),
    )


def _of(item: Item) -> Range:
    if item.type == "choice":
        values = [Fraction(option.ordinal) for option in item.options if option.ordinal is not None]
        return _several(item, values) if item.repeats else _single(values)
    low, high = (
        Fraction(bound) if isinstance(bound, int | Decimal) else None for bound in (item.min_value, item.max_value)
    )
    return Range(low, high, Fraction(1) if item.type == "integer" else None)


def _single(values: list[Fraction]) -> Range:
    low = min(values)
    return Range(low, max(values), _common(value - low for value in values))


def _several(item: Item, values: list[Fraction]) -> Range:
    """At least one of the options is chosen; an exclusive one alone."""
    free = [value for value, option in zip(values, item.options, strict=True) if not option.exclusive]
    sums = [sum((value for value in free if value < 0), Fraction()), sum((v for v in free if v > 0), Fraction())]
    ends = [*values, *(total for total in sums if total)]
    return Range(min(ends), max(ends), _common(values))


def _common(steps: Iterable[Fraction]) -> Fraction:
    """The greatest step that all are multiples of."""
    return reduce(
        lambda one, other: Fraction(
            gcd(one.numerator * other.denominator, other.numerator * one.denominator),
            one.denominator * other.denominator,
        ),
        steps,
        Fraction(),
    )


def fits_integer(totals: Range) -> bool:
    return totals.step is not None and all(
        number is None or number.denominator == 1 for number in (totals.low, totals.step)
    )


def band_faults(bands: Sequence[Band], totals: Range) -> Iterator[str]:
    """`bands` are sorted by their lower end."""
    if not bands:
        return
    if totals.low is None or totals.high is None:
        yield "bands need a minValue and a maxValue on every integer or decimal source"
        return
    for band in bands:
        if band.low > band.high:
            yield f"{band.code} ends below where it begins"
    yield from _seams(bands, totals)


def _seams(bands: Sequence[Band], totals: Range) -> Iterator[str]:
    assert totals.low is not None
    assert totals.high is not None
    if totals.low < bands[0].low:
        yield f"no band holds the total {_shown(totals.low)}"
    for band, following in pairwise(bands):
        end, start = Fraction(band.high), Fraction(following.low)
        if start <= end:
            yield f"{band.code} and {following.code} overlap"
        elif end < totals.high and start > totals.low and _misses(totals, end, start):
            yield f"no band holds the totals between {_shown(end)} and {_shown(start)}"
    if bands[-1].high < totals.high:
        yield f"no band holds the total {_shown(totals.high)}"


def _misses(totals: Range, end: Fraction, start: Fraction) -> bool:
    """Whether a reachable total lies strictly between two bands."""
    if totals.step is None:
        return True
    return end < totals.after(end) < start


def _shown(number: Fraction) -> str:
    return str(number) if number.denominator == 1 else f"{float(number):.15g}"
