import json
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from intake import fhir
from intake.fhir import bundle
from tests.intake.fhir.build import NOW, coding, group, parse, question, score, scored, total

IDENTITY = {"system": f"{fhir.BASE}/CodeSystem/intake-identity", "code": "name"}
LOINC = [{"system": "http://loinc.org", "code": "44261-6"}]

FORM = parse(
    group("who", question("name", "string", code=[IDENTITY])),
    scored("s", 0, 2),
    total(code=LOINC),
    extension=[score("total", "s")],
)
ANSWERS = {"name": ("Marta Quill",), "s": (coding("c1"),)}
RESPONSE, PATIENT = uuid.UUID(int=1), uuid.UUID(int=2)

INTAKE = bundle.Intake(
    id=uuid.UUID(int=3),
    received_at=NOW,
    transmitter="A clinic",
    patient_id=PATIENT,
    identity=bundle.Person("Marta Quill", birth_date="1980-02-29", email="marta@example.org", language="es"),
    answered=[bundle.Answered(RESPONSE, FORM, fhir.build(FORM, ANSWERS, authored=NOW, language="en"))],
    agreement=bundle.Agreement(uuid.UUID(int=4), NOW, "https://clinic.example/privacy/", "3"),
    contact=bundle.ContactRequest(uuid.UUID(int=5), "phone", (NOW, NOW), ("after five",)),
)


def resources(intake: bundle.Intake, kind: str) -> list[dict]:
    entries = bundle.build(intake)["entry"]
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


def test_every_record_is_an_entry_and_the_provenance_targets_them_all():
    entries = bundle.build(INTAKE)["entry"]

    assert [entry["resource"]["resourceType"] for entry in entries] == [
        "Patient", "Questionnaire", "QuestionnaireResponse", "Observation", "Consent", "CommunicationRequest",
        "Provenance",
    ]  # fmt: skip
    targets = [target["reference"] for target in entries[-1]["resource"]["target"]]
    assert targets == [entry["fullUrl"] for entry in entries[:-1]]


def test_a_transaction_creates_nothing_twice():
    entries = bundle.build(INTAKE)["entry"]

    requests = [entry["request"] for entry in entries]
    assert requests[0] == {
        "method": "POST",
        "url": "Patient",
        "ifNoneExist": f"identifier=urn%3Aietf%3Arfc%3A3986%7Curn%3Auuid%3A{PATIENT}",
    }
    assert requests[1]["ifNoneExist"].endswith("%2FQuestionnaire%2Ftest&version=1.0.0")
    assert ["ifNoneExist" in request for request in requests] == [True] * 6 + [False]
    assert bundle.build(INTAKE) == bundle.build(INTAKE)


def test_a_collection_has_the_same_entries_without_requests():
    transaction, collection = bundle.build(INTAKE), bundle.build(INTAKE, kind="collection")

    assert [{k: v for k, v in one.items() if k != "request"} for one in transaction["entry"]] == collection["entry"]


def test_a_total_leaves_as_an_observation():
    [found] = resources(INTAKE, "Observation")

    assert found["status"] == "final"
    assert found["code"] == {"coding": LOINC, "text": "Question total"}
    assert found["effectiveDateTime"] == "2026-11-24T09:30:00+00:00"
    assert found["valueQuantity"] == {
        "value": Decimal(2), "unit": "{score}", "system": "http://unitsofmeasure.org", "code": "{score}",
    }  # fmt: skip
    assert found["subject"] == {"reference": PATIENT.urn}
    assert found["derivedFrom"] == [{"reference": RESPONSE.urn}]


def test_a_total_that_is_not_complete_leaves_as_nothing():
    gap = replace(INTAKE.answered[0], response=fhir.build(FORM, {}, authored=NOW, language="en"))

    assert resources(replace(INTAKE, answered=[gap]), "Observation") == []


def test_without_identity_nothing_names_the_person():
    text = fhir.dumps(bundle.build(replace(INTAKE, identity=None)))

    assert "Marta Quill" in fhir.dumps(bundle.build(INTAKE))
    assert "Marta" not in text
    assert '"resourceType":"Patient"' not in text
    assert str(PATIENT) in text


def test_a_voided_intake_leaves_as_entered_in_error():
    voided = replace(INTAKE, voided=True)

    assert resources(voided, "QuestionnaireResponse")[0]["status"] == "entered-in-error"
    assert resources(voided, "Observation")[0]["status"] == "entered-in-error"


@pytest.mark.parametrize(("status", "count"), [("completed", 1), ("amended", 1), ("in-progress", 0), ("stopped", 0)])
def test_only_finished_responses_leave(status, count):
    sent = fhir.build(FORM, ANSWERS, authored=NOW, language="en", status=status)
    intake = replace(INTAKE, answered=[replace(INTAKE.answered[0], response=sent)])

    assert len(resources(intake, "QuestionnaireResponse")) == count


def test_a_request_to_be_contacted_is_about_the_responses_that_leave():
    stopped = fhir.build(FORM, ANSWERS, authored=NOW, language="en", status="stopped")
    other = bundle.Answered(uuid.UUID(int=6), FORM, stopped)

    [found] = resources(replace(INTAKE, answered=[*INTAKE.answered, other]), "CommunicationRequest")

    assert found["about"] == [{"reference": RESPONSE.urn}]
    assert found["medium"][0]["coding"][0]["code"] == "PHONE"
    assert found["occurrencePeriod"] == {"start": "2026-11-24T09:30:00+00:00", "end": "2026-11-24T09:30:00+00:00"}
    assert found["note"] == [{"text": "after five"}]


def test_a_request_without_a_preferred_way_names_no_medium():
    [found] = resources(replace(INTAKE, contact=bundle.ContactRequest(uuid.UUID(int=5), "")), "CommunicationRequest")

    assert "medium" not in found


def test_the_provenance_names_the_person_as_author_and_the_clinic_as_transmitter():
    [found] = resources(INTAKE, "Provenance")

    agents = {agent["type"]["coding"][0]["code"]: agent["who"] for agent in found["agent"]}
    assert agents == {"author": {"reference": PATIENT.urn}, "transmitter": {"display": "A clinic"}}


def test_the_consent_names_its_scope_category_and_time():
    [found] = resources(INTAKE, "Consent")

    assert found["scope"]["coding"][0]["code"] == "patient-privacy"
    assert found["category"] == [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]
    assert found["dateTime"] == "2026-11-24T09:30:00+00:00"


def test_a_refusal_of_consent_is_a_deny():
    refused = replace(INTAKE, agreement=replace(INTAKE.agreement, permitted=False))

    [found] = resources(refused, "Consent")
    assert found["provision"] == {"type": "deny"}
    assert found["policy"] == [{"uri": "https://clinic.example/privacy/|3"}]


@pytest.mark.parametrize("kind", ["transaction", "collection"])
@pytest.mark.parametrize("changes", [{}, {"identity": None}, {"voided": True}, {"answered": ()}], ids=str)
def test_a_bundle_is_sound_by_fhir(kind, changes):
    written = fhir.dumps(bundle.build(replace(INTAKE, **changes), kind=kind))

    assert fhir.check_structure(json.loads(written)) == ()


def test_another_kind_of_bundle_is_refused():
    with pytest.raises(ValueError, match="transaction or a collection"):
        bundle.build(INTAKE, kind="batch")
