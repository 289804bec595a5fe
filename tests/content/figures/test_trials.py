from itertools import pairwise

import pytest

from content.figures.markup import number
from content.figures.plot import wilson
from tests.content.figures.drawn import data, drawn, of_class, spoken, text

languages = pytest.mark.parametrize("language", ["en", "es"])


def rows(root):
    """Each trial's name and its plot."""
    return {text(of_class(row, "trial__who")[0][0]): row.find("svg") for row in of_class(root, "trial")}


def places(plot, kind, *axes):
    return [tuple(float(mark.get(axis).rstrip("%")) for axis in axes) for mark in of_class(plot, kind)]


def by_study(part):
    return {trial["study"]: trial for trial in data("trials")[part]}


def test_each_dot_lies_where_its_number_says():
    plots = rows(drawn("trials"))

    for study, trial in by_study("shares").items():
        hollow = places(plots[study], "plot__dot--hollow", "cx")
        full = [place for place in places(plots[study], "plot__dot", "cx") if place not in hollow]
        assert full == [(trial["share"],)]
        assert hollow == ([(trial["other_share"],)] if "other_share" in trial else [])


def test_two_dots_of_a_trial_are_joined_by_a_line():
    trial = by_study("shares")["ELEKT-D 2023"]

    plot = rows(drawn("trials"))["ELEKT-D 2023"]
    assert places(plot, "plot__link", "x1", "x2") == [(trial["share"], trial["other_share"])]


def test_an_interval_is_drawn_only_where_it_is_known_or_can_be_calculated():
    plots = rows(drawn("trials"))

    assert {study for study, plot in plots.items() if of_class(plot, "plot__interval")} == {
        "Phillips 2019",
        "KARMA-Dep 2 2025",
    }


def test_the_interval_of_a_single_group_is_that_of_its_size():
    ends = places(rows(drawn("trials"))["Phillips 2019"], "plot__end", "x1")
    assert [end for (end,) in ends] == pytest.approx(wilson(24, 41), abs=0.01)  # 24 are 59 in 100 of 41


def test_the_interval_of_a_difference_is_to_scale_and_so_is_zero():
    trial = by_study("differences")["KARMA-Dep 2 2025"]
    plot = rows(drawn("trials"))["KARMA-Dep 2 2025"]

    (low,), (high,) = places(plot, "plot__end", "x1")
    ((value,),), ((zero,),) = places(plot, "plot__dot", "cx"), places(plot, "plot__zero", "x1")
    unit = (high - low) / (trial["high"] - trial["low"])
    assert zero == 50
    assert [low - zero, value - zero, high - zero] == pytest.approx(
        [unit * trial[name] for name in ("low", "value", "high")], abs=0.02
    )
    assert low < zero < high  # it leaves open which was better


def test_a_changed_number_moves_the_dot_and_changes_the_words(other_data):
    def change(content):
        content["shares"][0].update(share=12.5, people=1234)

    study = data("trials")["shares"][0]["study"]
    other_data("trials", change)

    root = drawn("trials")
    plot = rows(root)[study]
    assert (12.5,) in places(plot, "plot__dot", "cx")
    assert "12.5 in 100 with ketamine" in plot.get("aria-label")
    assert "12.5 in 100 with ketamine" in text(root.find("details"))
    assert "1,234 people" in text(root.find("details"))


def test_trials_in_which_ketamine_did_less_well_come_first():
    shares = by_study("shares")
    order = [shares[study] for study in rows(drawn("trials")) if study in shares]

    gains = [trial["share"] - trial["other_share"] for trial in order if "other_share" in trial]
    assert len(order) == len(shares)
    assert all(one <= next_ for one, next_ in pairwise(gains))
    assert gains[0] < 0
    assert "other_share" not in order[-1]


@languages
def test_the_table_and_each_plot_say_all_numbers_in_words(language):
    root = drawn("trials", language)
    table, plots = text(root.find("details")), rows(root)

    for trial in data("trials")["shares"] + data("trials")["differences"]:
        told = [number(trial[name]) for name in ("share", "other_share", "value", "low", "high") if name in trial]
        for said in (table, plots[trial["study"]].get("aria-label")):
            assert [figure for figure in told if figure not in said] == []
        for where in (table, spoken(root)):
            assert f"{trial['people']} " in where
            assert trial["finding"][language] in where


def test_the_table_names_who_calculated_an_interval():
    assert "95% interval 43 to 72, our own calculation" in text(drawn("trials").find("details"))
