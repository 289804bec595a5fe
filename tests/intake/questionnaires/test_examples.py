"""The questionnaires that come with the portal, and the worked examples beside them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from intake import fhir

FORMS = Path(fhir.__file__).parents[1] / "questionnaires"
SPANISH = {"about-you", "alcohol-drugs", "gad-7", "phq-9", "safety", "treatment-history"}

names = sorted(path.stem for path in FORMS.glob("*.json"))
examples = [
    pytest.param(name, example, id=f"{name}: {example['name']}")
    for name in names
    for example in json.loads((FORMS / "examples" / f"{name}.json").read_text())
]


def load(name: str) -> fhir.Questionnaire:
    return fhir.parse((FORMS / f"{name}.json").read_bytes())


def value(posted: dict) -> fhir.Value:
    [(key, found)] = posted.items()
    return fhir.Coding(found["code"], found["system"]) if key == "valueCoding" else found


def test_the_packet_is_complete():
    assert names == ["about-you", "alcohol-drugs", "gad-7", "phq-9", "safety", "treatment-history"]


@pytest.mark.parametrize("name", names)
def test_a_form_has_no_fault_and_no_warning(name):
    form = load(name)

    assert fhir.check_structure(form.resource) == ()
    assert form.warnings == ()
    assert form.url == f"https://clinic.example/fhir/Questionnaire/{name}"


@pytest.mark.parametrize("name", names)
def test_spanish_is_offered_where_its_wording_is_verified_or_our_own(name):
    assert load(name).languages == (("en", "es") if name in SPANISH else ("en",))


@pytest.mark.parametrize(("name", "example"), examples)
def test_a_worked_example(name, example):
    form = load(name)
    answers = {link_id: tuple(value(one) for one in values) for link_id, values in example["answers"].items()}
    expected = example["expect"]

    totals = fhir.totals(form, answers)
    bands = {score.target: fhir.band(score, totals[score.target]) for score in form.scores}
    enabled = fhir.enabled(form, answers)

    assert totals == {
        link_id: None if total is None else Decimal(total) for link_id, total in expected["scores"].items()
    }
    assert {link_id: band and band.code for link_id, band in bands.items()} == expected["bands"]
    assert [alert.code for alert in fhir.raised(form, answers)] == expected["alerts"]
    for link_id, on in expected.get("enabled", {}).items():
        assert (link_id in enabled) is on, link_id


def test_every_form_with_a_score_has_examples_for_every_band_and_for_a_gap():
    for name in names:
        expected = [example["expect"]["bands"] for _, example in (param.values for param in examples) if _ == name]
        for score in load(name).scores:
            wanted = {band.code for band in score.bands} | {None}
            assert {bands.get(score.target) for bands in expected} == wanted, name


def test_no_form_computes_who_may_be_treated():
    for path in FORMS.glob("*.json"):
        assert "eligib" not in path.read_text().lower()
