"""Totals: the sum of what the form says its options are worth, or nothing at all."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext

from intake.fhir.model import Band, Item, Score
from intake.fhir.values import Value, equal, is_number

_PRECISION = 60  # digits: a sum of limits.ITEMS numbers of limits.NUMBER_DIGITS is exact


def total(score: Score, by_id: Mapping[str, Item], answers: Mapping[str, Sequence[Value]]) -> Decimal | None:
    """The sum over all sources, or None when one is unanswered or was answered with an option without a value.

    `answers` are those of enabled items. A gap is never read as 0.
    """
    found = [worth(by_id[source], answers.get(source, ())) for source in score.sources]
    return None if None in found else _sum([number for number in found if number is not None])


def worth(item: Item, values: Sequence[Value]) -> Decimal | None:
    """What an answer counts: the value of the matching option in the form, or the number itself."""
    if not values:
        return None
    found = [_option_value(item, value) if item.type == "choice" else _number(value) for value in values]
    return None if None in found else _sum([number for number in found if number is not None])


def _option_value(item: Item, value: Value) -> Decimal | None:
    return next((option.ordinal for option in item.options if equal(option.value, value)), None)


def _number(value: Value) -> Decimal | None:
    return Decimal(value) if is_number(value) else None


def _sum(numbers: Sequence[Decimal]) -> Decimal:
    with localcontext(prec=_PRECISION):
        return sum(numbers, Decimal(0))


def band(score: Score, total: Decimal | None) -> Band | None:
    """The band that holds the total; None without a total, or when the form declares no bands."""
    if total is None:
        return None
    return next((band for band in score.bands if band.low <= total <= band.high), None)
