"""The structure check of the FHIR library, in our words."""

import pytest

from intake import fhir
from tests.intake.fhir.build import Json, choice, form, group, option, question


def told(resource: Json) -> list[str]:
    return [str(fault) for fault in fhir.check_structure(resource)]


def test_a_sound_form_is_as_fhir_has_it():
    assert told(form(choice("a", option("x", 1), item=[question("b", "text")]))) == []


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        (form(status=7), "-: status: is not as FHIR R4 has it (string type)"),
        (form(code=[{"system": 7}]), "-: code[0].system: is not as FHIR R4 has it (string type)"),
        (form(mood="x"), "-: mood: is not as FHIR R4 has it (extra forbidden)"),
        (
            {"resourceType": "Observation", "status": "final", "code": {}, "valueString": "x", "valueInteger": 1},
            "-: resource: is not as FHIR R4 has it (value error)",
        ),
        (form("x"), "-: item[0]: is not as FHIR R4 has it (json invalid)"),
        (form(group("g", question("a", required="x"))), "a: required: is not as FHIR R4 has it (bool parsing)"),
        (
            form(choice("a", option("x"), {"valueCoding": {"code": 7}})),
            "a: answerOption[1].valueCoding.code: is not as FHIR R4 has it (string type)",
        ),
        (
            form(question("a", item=[{"type": "boolean"}])),
            "a: item[0].linkId: is not as FHIR R4 has it (model field validation.missing)",
        ),
        (
            form(question("a", item=[{"linkId": 7, "type": "boolean"}])),
            "a: item[0].linkId: is not as FHIR R4 has it (string type)",
        ),
    ],
)
def test_a_fault_is_told_at_the_closest_item(resource, where):
    assert told(resource) == [where]


def test_every_fault_is_told():
    resource = form(question("a", required="x", item=[question("b", required="x")]), question("c", required="x"))

    assert [line.partition(":")[0] for line in told(resource)] == ["b", "a", "c"]


def test_no_more_than_a_hundred_faults_are_told():
    assert len(told(form(*[{}] * 150))) == 100


@pytest.mark.parametrize("kind", ["Mood", 7, None])
def test_what_is_no_fhir_resource_is_refused(kind):
    assert told({"resourceType": kind}) == ["-: resourceType: is not a FHIR resource"]


def test_a_fault_shows_no_value():
    lines = told(form(question("a", required="secret", text=["secret"])))

    assert [line.rpartition(":")[0] for line in lines] == ["a: required", "a: text"]
    assert "secret" not in "".join(lines)
