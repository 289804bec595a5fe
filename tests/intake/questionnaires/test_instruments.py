"""PHQ-9 and GAD-7, word by word. wording.csv and answers.csv hold the published wording, codes and points."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from intake import fhir

HERE = Path(__file__).parent
FORMS = Path(fhir.__file__).parents[1] / "questionnaires"
LOINC = "http://loinc.org"

BANDS = {
    "PHQ-9": [
        (0, 4, "minimal"),
        (5, 9, "mild"),
        (10, 14, "moderate"),
        (15, 19, "moderately_severe"),
        (20, 27, "severe"),
    ],
    "GAD-7": [(0, 4, "minimal"), (5, 9, "mild"), (10, 14, "moderate"), (15, 21, "severe")],
}


def table(name: str) -> list[dict[str, str]]:
    with open(HERE / name, newline="") as file:
        return list(csv.DictReader(file))


def wording(instrument: str) -> list[dict[str, str]]:
    return [row for row in table("wording.csv") if row["instrument"] == instrument]


def options(answer_set: str) -> list[tuple[str, str, str, Decimal | None]]:
    rows = [row for row in table("answers.csv") if row["answer_set"] == answer_set]
    return [
        (row["code"], row["display_en"], row["display_es"], Decimal(row["points"]) if row["points"] else None)
        for row in rows
    ]


def load(instrument: str) -> fhir.Questionnaire:
    return fhir.parse((FORMS / f"{instrument.lower()}.json").read_bytes())


both = pytest.mark.parametrize("instrument", ["PHQ-9", "GAD-7"])


@both
def test_the_items_are_verbatim_in_both_languages_and_in_order(instrument):
    form = load(instrument)
    expected = [
        (row["linkId"], row["loinc"], row["text_en"], row["text_es"])
        for row in wording(instrument)
        if row["part"].isdigit() or row["part"] == "difficulty"
    ]

    found = [
        (item.link_id, item.code[0].code, item.text("en"), item.text("es"))
        for item in form.order
        if item.type == "choice"
    ]

    assert found == expected


@both
def test_the_answers_are_verbatim_with_their_codes_and_points(instrument):
    form = load(instrument)

    for item in form.order:
        if item.type != "choice":
            continue
        expected = options("difficulty" if item.link_id == "/69722-7" else "frequency")
        found = [
            (option.value.code, option.display("en"), option.display("es"), option.ordinal) for option in item.options
        ]
        assert found == expected, item.link_id
        assert {option.value.system for option in item.options} == {LOINC}


@both
def test_the_stem_with_its_two_weeks_stands_over_the_items(instrument):
    form = load(instrument)
    stem = next(row for row in wording(instrument) if row["part"] == "stem")
    scored = [item for item in form.order if item.link_id in form.scores[0].sources]

    above = {form.by_id[item.parent] for item in scored}

    assert [(group.text("en"), group.text("es")) for group in above] == [(stem["text_en"], stem["text_es"])]


@both
def test_the_licence_line_is_the_published_one(instrument):
    licence = next(row for row in wording("PHQ-9") if row["part"] == "licence")
    form = load(instrument)

    assert (form.copyright("en"), form.copyright("es")) == (licence["text_en"], licence["text_es"])


@both
def test_the_total_has_its_own_code_and_is_hidden(instrument):
    form = load(instrument)
    total = next(row for row in wording(instrument) if row["part"] == "total")
    panel = next(row for row in wording(instrument) if row["part"] == "panel")

    target = form.by_id[form.scores[0].target]

    assert (target.link_id, target.code[0].code) == (total["linkId"], total["loinc"])
    assert (target.hidden, target.read_only) == (True, True)
    assert form.code[0].code == panel["loinc"]


@both
def test_the_bands_are_the_published_ones(instrument):
    score = load(instrument).scores[0]

    assert [(band.low, band.high, band.code) for band in score.bands] == BANDS[instrument]


@both
def test_every_scored_item_counts_and_may_be_skipped(instrument):
    form = load(instrument)
    items = [row["linkId"] for row in wording(instrument) if row["part"].isdigit()]

    assert list(form.scores[0].sources) == items
    assert not any(form.by_id[link_id].required for link_id in items)
