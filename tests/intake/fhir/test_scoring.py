from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import fhir
from tests.intake.fhir.build import (
    alert,
    band,
    choice,
    coding,
    extension,
    faults,
    form,
    option,
    parse,
    question,
    score,
    scored,
    total,
    translated,
    trigger,
    when,
)

HALF = Decimal("0.5")


def totals(compiled: fhir.Questionnaire, **answers: tuple) -> dict:
    return fhir.totals(compiled, answers)


TWO = parse(scored("s", 0, 1, 2), scored("t", 0, 3), total(), extension=[score("total", "s", "t")])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"s": (coding("c2"),), "t": (coding("c1"),)}, Decimal(5)),
        ({"s": (coding("c0"),), "t": (coding("c0"),)}, Decimal(0)),
        ({"s": (coding("c2"),)}, None),
        ({}, None),
        ({"s": (coding("c2"),), "t": (fhir.Coding("else"),)}, None),
        ({"s": (coding("c2"),), "t": (), "total": (9,)}, None),
    ],
)
def test_a_total_needs_every_source(answers, expected):
    assert totals(TWO, **answers) == {"total": expected}


def test_a_source_that_is_not_enabled_means_no_total():
    compiled = parse(question("a"), scored("s", 1, enableWhen=[when("a")]), total(), extension=[score("total", "s")])

    assert totals(compiled, a=(True,), s=(coding("c0"),)) == {"total": 1}
    assert totals(compiled, a=(False,), s=(coding("c0"),)) == {"total": None}


def test_a_total_that_is_not_enabled_is_none():
    compiled = parse(question("a"), scored("s", 1), total(enableWhen=[when("a")]), extension=[score("total", "s")])

    assert totals(compiled, s=(coding("c0"),)) == {"total": None}


def test_numbers_count_as_they_are_and_fractions_exactly():
    compiled = parse(
        question("n", "integer"), question("d", "decimal"), scored("s", 0.1), total(kind="decimal"),
        extension=[score("total", "n", "d", "s")],
    )  # fmt: skip

    assert totals(compiled, n=(2,), d=(Decimal("0.20"),), s=(coding("c0"),)) == {"total": Decimal("2.30")}


def test_a_total_with_a_fraction_is_an_answer_as_it_is():
    compiled = parse(scored("s", 0, HALF), total(kind="decimal"), extension=[score("total", "s")])

    assert fhir.evaluate(compiled, {"s": (coding("c1"),)}).answers["total"] == (HALF,)


def test_item_weight_counts_like_ordinal_value():
    weighted = option("x", extension=[extension("itemWeight", valueDecimal=4)])
    compiled = parse(choice("s", weighted), total(), extension=[score("total", "s")])

    assert totals(compiled, s=(coding("x"),)) == {"total": Decimal(4)}


def test_several_chosen_options_are_summed():
    compiled = parse(scored("s", 1, 2, 4, repeats=True), total(), extension=[score("total", "s")])

    assert totals(compiled, s=(coding("c0"), coding("c2"))) == {"total": Decimal(5)}


def test_a_total_can_be_a_source():
    compiled = parse(
        total("all"), scored("s", 1), scored("t", 2), total("half"),
        extension=[score("all", "half", "t"), score("half", "s")],
    )  # fmt: skip

    assert totals(compiled, s=(coding("c0"),), t=(coding("c0"),)) == {"all": Decimal(3), "half": Decimal(1)}


def test_the_band_holds_both_of_its_ends():
    compiled = parse(
        scored("s", 0, 1, 2, 3), total(), extension=[score("total", "s", bands=(band(2, 3, "high"), band(0, 1, "low")))]
    )
    [declared] = compiled.scores

    found = [fhir.band(declared, None if worth is None else Decimal(worth)) for worth in (None, 0, 1, 2, 3, 4)]

    assert [one and one.code for one in found] == [None, "low", "low", "high", "high", None]


MEASURED = question(
    "s", "decimal", extension=[extension("minValue", valueInteger=0), extension("maxValue", valueInteger=2)]
)
ENDLESS = question("s", "integer", extension=[extension("minValue", valueInteger=1)])


@pytest.mark.parametrize(
    ("source", "kind", "bands", "sound"),
    [
        (scored("s", 0, 2), "integer", [(0, 0), (2, 2)], True),
        (scored("s", 0, 2), "integer", [(0, 0), (1, 1), (3, 9)], False),
        (scored("s", 0, 0.5, 1), "decimal", [(0, 0.5), (1, 1)], True),
        (scored("s", 0, 0.5, 1), "decimal", [(0, 0), (1, 1)], False),
        (scored("s", -1, 1), "integer", [(-1, 1)], True),
        (scored("s", 7), "integer", [(7, 7)], True),
        (scored("s", 7), "integer", [(0, 6), (8, 9)], False),
        (scored("s", 1, 2, repeats=True), "integer", [(1, 2), (3, 3)], True),
        (scored("s", 1, 2, repeats=True), "integer", [(1, 2)], False),
        (ENDLESS, "integer", [(1, 9)], False),
        (
            MEASURED,
            "decimal", [(0, 1), (1.5, 2)], False,
        ),
        (
            MEASURED,
            "decimal", [(0, 2)], True,
        ),
    ],
)  # fmt: skip
def test_bands_cover_what_can_be_reached(source, kind, bands, sound):
    found = tuple(band(low, high, f"b{at}") for at, (low, high) in enumerate(bands))

    refused = faults(form(source, total(kind=kind), extension=[score("total", "s", bands=found)]))

    assert (refused == ()) is sound


WORTHS = st.lists(st.sampled_from([Decimal(0), Decimal(1), Decimal(2), HALF, Decimal(-3)]), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), worths=st.lists(WORTHS, min_size=1, max_size=4))
def test_a_total_is_the_sum_of_what_the_form_says_or_nothing(data, worths):
    sources = [scored(f"s{at}", *options) for at, options in enumerate(worths)]
    compiled = parse(*sources, total(kind="decimal"), extension=[score("total", *(one["linkId"] for one in sources))])
    picks = [data.draw(st.none() | st.integers(0, len(options) - 1)) for options in worths]
    answers = {f"s{at}": (coding(f"c{pick}"),) for at, pick in enumerate(picks) if pick is not None}

    expected = None if None in picks else sum(options[pick] for options, pick in zip(worths, picks, strict=True))

    assert fhir.totals(compiled, answers) == {"total": expected}


@settings(max_examples=200, deadline=None)
@given(data=st.data(), worths=st.lists(st.lists(st.integers(-2, 4), min_size=1, max_size=3), min_size=1, max_size=3))
def test_bands_that_pass_the_check_hold_every_total_exactly_once(data, worths):
    reached = {0}
    for options in worths:
        reached = {before + worth for before in reached for worth in options}
    starts = sorted({min(reached), *data.draw(st.sets(st.integers(min(reached), max(reached)), max_size=3))})
    steps = [data.draw(st.sampled_from([0, 1, 1, 1, 1, 2])) for _ in starts]
    ends = [following - step for following, step in zip([*starts[1:], max(reached) + 1], steps, strict=True)]
    bands = tuple(band(start, end, f"b{start}") for start, end in zip(starts, ends, strict=True))
    sources = [scored(f"s{at}", *options) for at, options in enumerate(worths)]
    declared = score("total", *(source["linkId"] for source in sources), bands=bands)

    refused = faults(form(*sources, total(), extension=[declared]))

    holding = [[start <= one <= end for start, end in zip(starts, ends, strict=True)].count(True) for one in reached]
    assert refused or set(holding) == {1}
    assert not refused or set(steps) != {1}


def codes(compiled: fhir.Questionnaire, **answers: tuple) -> list[str]:
    return [one.code for one in fhir.raised(compiled, answers)]


def test_what_a_form_declares_is_read():
    low, high = band(0, 0, "low"), band(1, 2, "high")
    low["extension"][0] = {"url": "low", "valueInteger": 0}
    low["extension"][3] |= {"_valueString": translated(es="Bajo")}
    form = parse(
        scored("s", 0, 1, 2),
        question("a"),
        total(),
        extension=[
            score("total", "s", bands=(high, low)),
            alert("x", trigger("a"), trigger("total", ">=", valueInteger=2), severity="routine"),
        ],
    )

    assert form.scores == (
        fhir.Score(
            "total",
            ("s",),
            (
                fhir.Band(Decimal(0), Decimal(0), "low", fhir.Text("Low", {"es": "Bajo"})),
                fhir.Band(Decimal(1), Decimal(2), "high", fhir.Text("High")),
            ),
        ),
    )
    triggers = (fhir.Trigger("a", "=", True), fhir.Trigger("total", ">=", 2))
    assert form.alerts == (fhir.Alert("x", "routine", triggers),)


def test_any_trigger_raises_an_alert():
    item9 = scored("i", 0, 1, 2)
    risky = [trigger("i", valueCoding=item9["answerOption"][at]["valueCoding"]) for at in (1, 2)]
    skipped = trigger("i", "exists", valueBoolean=False)
    compiled = parse(item9, extension=[alert("thoughts", *risky), alert("skipped", skipped, severity="routine")])

    assert codes(compiled) == ["skipped"]
    assert codes(compiled, i=(coding("c0"),)) == []
    assert codes(compiled, i=(coding("c2"),)) == ["thoughts"]
    assert [one.severity for one in compiled.alerts] == ["urgent", "routine"]


def test_a_stale_answer_raises_nothing():
    compiled = parse(question("a"), question("b", enableWhen=[when("a")]), extension=[alert("x", trigger("b"))])

    assert codes(compiled, a=(False,), b=(True,)) == []
    assert codes(compiled, a=(True,), b=(True,)) == ["x"]


def test_an_alert_may_look_at_a_total():
    high = trigger("total", ">=", valueInteger=2)
    compiled = parse(scored("s", 0, 2), total(), extension=[score("total", "s"), alert("high", high)])

    assert codes(compiled, s=(coding("c1"),)) == ["high"]
    assert codes(compiled, s=(coding("c0"),), total=(9,)) == []
