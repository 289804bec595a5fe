"""An export that does not say who the person is: what names them is left out, and nothing else."""

import uuid
from dataclasses import replace

from intake import fhir
from intake.fhir import bundle
from tests.intake.fhir.build import NOW, group, parse, question
from tests.intake.fhir.test_bundle import INTAKE, resources

NAMES = [{"system": f"{fhir.BASE}/CodeSystem/intake-identity", "code": "any"}]


def named(link_id: str) -> dict:
    return question(link_id, "string", code=NAMES)


FORM = parse(
    named("born"),
    group("who", named("name"), question("mood", "string")),
    group("reach", named("phone")),
    group("kin", question("sister", "string"), code=NAMES),
    question("seen", item=[named("doctor"), question("why", "string")]),
    question("again", item=[named("by")]),
    question("moved", item=[named("street"), question("year", "integer")]),
    question("left", item=[named("town")]),
    question("last", "string", code=[{"system": "http://loinc.org", "code": "any"}]),
)
CLINICAL = {"mood": ("calm",), "seen": (True,), "why": ("sleep",), "again": (False,), "year": (0,), "last": ("end",)}
NAMING = dict.fromkeys(("born", "name", "phone", "sister", "doctor", "by", "street", "town"), ("Marta",))


def sent(answers: dict) -> dict:
    return fhir.build(FORM, answers, authored=NOW, language="en")


def exported(answers: dict, **changes) -> dict:
    one = bundle.Answered(uuid.UUID(int=1), FORM, sent(answers))
    [found] = resources(replace(INTAKE, answered=[one], **changes), "QuestionnaireResponse")
    return found


def test_the_response_is_the_one_without_the_answers_that_name_the_person():
    assert exported(CLINICAL | NAMING)["item"] == sent(CLINICAL | NAMING)["item"]
    assert exported(CLINICAL | NAMING, identity=None)["item"] == sent(CLINICAL)["item"]


def test_a_response_that_only_names_the_person_has_no_items_left():
    assert "item" not in exported(NAMING, identity=None)
    assert "item" not in exported({}, identity=None)


def test_the_person_is_known_by_our_identifier_alone():
    anonymous = replace(INTAKE, identity=None)

    person = {
        "type": "Patient",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:00000000-0000-0000-0000-000000000002"},
    }
    assert resources(anonymous, "Patient") == []
    assert resources(anonymous, "QuestionnaireResponse")[0]["subject"] == person
    assert resources(anonymous, "Consent")[0]["patient"] == person


def test_nothing_in_the_whole_bundle_names_the_person():
    assert "Marta" in fhir.dumps(bundle.build(INTAKE))
    assert "Marta" not in fhir.dumps(bundle.build(replace(INTAKE, identity=None)))


def test_the_codes_that_name_the_person_begin_with_the_base_of_the_project():
    one = bundle.Answered(uuid.UUID(int=1), FORM, sent(NAMING))

    entries = bundle.build(replace(INTAKE, identity=None, answered=[one]), base="https://other.example")["entry"]

    assert entries[1]["resource"]["item"] == sent(NAMING)["item"]
