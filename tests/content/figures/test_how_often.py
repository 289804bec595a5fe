import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.figures.how_often import COLUMNS, Count, field, people
from tests.content.figures.drawn import data, drawn, of_class, text, tree

KINDS = ("low", "high", "rest")


def crowd(svg):
    """How many people are drawn in each way."""
    drawn_ = {kind: "".join(path.get("d") for path in of_class(svg, f"people__{kind}")) for kind in KINDS}
    return {kind: path.count("M") for kind, path in drawn_.items()}


def count(low, high, of=100):
    return Count(low=low, high=high, of=of, sources=["A"], effect="", detail="")


def all_counts():
    return [row for group in data("how-often")["groups"] for row in group["rows"]]


def test_each_field_of_the_figure_shows_the_counts_of_its_row():
    fields = [crowd(svg) for row in of_class(drawn("how-often"), "count") for svg in row.findall("svg")]

    assert fields == [
        {"low": 61, "high": 23, "rest": 16},
        {"low": 48, "high": 13, "rest": 39},
        {"low": 0, "high": 25, "rest": 75},
        {"low": 12, "high": 0, "rest": 88},
    ]


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2).map(sorted))
def test_a_field_always_holds_a_hundred_people_of_whom_the_counts_are_marked(counts):
    low, high = counts

    shown = crowd(tree(field(count(low, high))))
    assert sum(shown.values()) == 100
    assert abs(shown["low"] - low) <= 0.5
    assert abs(shown["low"] + shown["high"] - high) <= 0.5


@pytest.mark.parametrize(("exact", "whole"), [(24.5, 25), (25.5, 26), (24.4, 24), (0.5, 1), (0, 0), (100, 100)])
def test_half_a_person_is_rounded_up(exact, whole):
    assert count(exact, exact).whole == (whole, whole)


@pytest.mark.parametrize("counts", [(-1, 5), (6, 5), (5, 101)])
def test_a_count_that_cannot_be_is_refused(counts):
    with pytest.raises(ValueError, match="is no count of people"):
        count(*counts)


def test_people_stand_in_rows_of_ten_and_nobody_twice():
    places = [person.split("a")[0] for person in people(0, 100).split("M")[1:]]

    assert len(set(places)) == 100
    assert len({place.split()[0] for place in places}) == COLUMNS


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_count_stands_beside_its_field_in_words_with_whom_it_is_about(language):
    root = drawn("how-often", language)
    told = [text(row) for row in of_class(root, "count")]

    for row, said in zip(all_counts(), told, strict=True):
        assert all(f"{number:,}" in said for number in (row["low"] or 0, row["high"], row["of"]))
        assert row["effect"][language] in said
        assert row["detail"][language] in said
    groups = [text(title) for title in of_class(root, "figure__panel")]
    assert groups == [group["title"][language] for group in data("how-often")["groups"]]


def test_rounding_is_said_where_it_happens_and_only_there():
    rounded = [text(row) for row in of_class(drawn("how-often"), "count") if "rounded" in text(row)]

    assert len(rounded) == 1
    assert "0 to 24.5 in 100" in rounded[0].replace("\N{NO-BREAK SPACE}", " ")
    assert "rounded to whole people: 25" in rounded[0]


def test_a_changed_count_changes_field_and_words(other_data):
    other_data("how-often", lambda content: content["groups"][0]["rows"][0].update(low=7, high=9))

    row = of_class(drawn("how-often"), "count")[0]
    assert crowd(row.find("svg")) == {"low": 7, "high": 2, "rest": 91}
    assert text(row).startswith("7 to 9 in")
