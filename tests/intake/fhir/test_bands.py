"""What totals a form can reach, in small numbers, and the sentences about bands that do not fit them."""

from decimal import Decimal
from fractions import Fraction

import pytest

from intake.fhir import Coding
from intake.fhir.bands import Range, band_faults, reachable
from intake.fhir.model import Band, Item, Option
from intake.fhir.scoring import _sum, worth


def item(*ordinals: object, repeats: bool = False, kind: str = "choice", low: int | None = None) -> Item:
    options = tuple(
        Option(value=Coding(str(at)), display={}, ordinal=None if one is None else Decimal(str(one)))
        for at, one in enumerate(ordinals)
    )
    return Item(
        link_id="a",
        type=kind,
        name="q1",
        text={},
        prefix={},
        parent=None,
        options=options,
        repeats=repeats,
        min_value=low,
        max_value=5,
    )


def bands(*ends: tuple[object, object]) -> list[Band]:
    return [Band(Decimal(str(low)), Decimal(str(high)), f"band-{at}", {}) for at, (low, high) in enumerate(ends)]


def faults(totals: Range, *ends: tuple[object, object]) -> list[str]:
    return list(band_faults(bands(*ends), totals))


def whole(low: int, high: int) -> Range:
    return Range(Fraction(low), Fraction(high), Fraction(1))


@pytest.mark.parametrize(
    ("ordinals", "repeats", "low", "high", "step"),
    [
        ((1, 4), False, 1, 4, 3),
        ((2,), False, 2, 2, 0),
        ((-1, -1, 0.5), True, -2, 0.5, 0.5),
        ((-2,), True, -2, -2, 2),
        ((1, 2, 4), True, 1, 7, 1),
        ((0, 3), True, 0, 3, 3),
    ],
)
def test_the_reachable_totals_of_one_source(ordinals, repeats, low, high, step):
    found = reachable([item(*ordinals, repeats=repeats)], {})

    assert found == Range(Fraction(low), Fraction(high), Fraction(step))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (item(kind="integer", low=1), whole(1, 5)),
        (item(kind="decimal", low=1), Range(Fraction(1), Fraction(5), None)),
        (item(kind="integer"), Range(None, Fraction(5), Fraction(1))),
    ],
)
def test_a_number_reaches_what_its_limits_allow(source, expected):
    assert reachable([source], {}) == expected


def test_a_total_of_totals_reaches_what_they_reach():
    assert reachable([item(1, 4)], {"a": whole(0, 9)}) == whole(0, 9)
    assert reachable([item(1, 4), item(1, 4)], {}) == Range(Fraction(2), Fraction(8), Fraction(3))


def test_an_option_without_a_value_is_no_silent_gap():
    with pytest.raises(ValueError, match="longer"):
        reachable([item(1, None, 2, repeats=True)], {})


@pytest.mark.parametrize(
    ("totals", "ends", "expected"),
    [
        (whole(0, 9), [(0, 4), (5, 9)], []),
        (whole(0, 9), [(0, 4), (6, 9)], ["no band holds the totals between 4 and 6"]),
        (whole(0, 9), [(1, 9)], ["no band holds the total 0"]),
        (whole(0, 9), [(0, 8)], ["no band holds the total 9"]),
        (whole(0, 9), [(0, 5), (5, 9)], ["band-0 and band-1 overlap"]),
        (whole(0, 3), [(0, 3), (5, 9)], []),
        (Range(Fraction(1), Fraction(7), Fraction(2)), [(1, 2), (4, 7)], ["no band holds the totals between 2 and 4"]),
        (Range(Fraction(5), Fraction(9), None), [(0, 2), (5, 9)], []),
        (Range(Fraction(0), Fraction(9), None), [(0, 2), (5, 9)], ["no band holds the totals between 2 and 5"]),
        (Range(Fraction(1, 2), Fraction(9), Fraction(1, 2)), [(1, 9)], ["no band holds the total 0.5"]),
        (whole(0, 10**17 + 1), [(0, 1)], ["no band holds the total 100000000000000001"]),
        (whole(0, 9), [(0, 9), (12, 11)], ["band-1 ends below where it begins"]),
        (
            Range(None, Fraction(9), Fraction(1)),
            [(0, 9)],
            ["bands need a minValue and a maxValue on every integer or decimal source"],
        ),
    ],
)
def test_bands_give_each_reachable_total_one_name_or_the_check_says_which_they_miss(totals, ends, expected):
    assert faults(totals, *ends) == expected


@pytest.mark.parametrize(("value", "expected"), [(3, Decimal(3)), (Decimal("0.5"), Decimal("0.5"))])
def test_a_number_counts_itself(value, expected):
    assert worth(item(kind="integer"), (value,)) == expected


@pytest.mark.parametrize("value", [True, False, "three", "3", Coding("3")])
def test_what_is_no_number_counts_nothing(value):
    assert worth(item(kind="integer"), (value,)) is None
    assert worth(item(kind="integer"), (1, value)) is None


def test_a_sum_keeps_every_digit():
    assert _sum([Decimal(10**40), Decimal("0.1")]) == Decimal(f"{10**40}.1")
