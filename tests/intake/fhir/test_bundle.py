import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from intake import fhir
from intake.fhir import bundle
from intake.fhir.stored import StoredResponse
from tests.intake.fhir.build import NOW, coding, parse, question, score, scored, total, without

LOINC = [{"system": "http://loinc.org", "code": "44261-6"}]
FORM = parse(
    scored("r", 0, 1),
    scored("s", 0, 2),
    total("gap"),
    total(code=LOINC),
    extension=[score("gap", "r", "s"), score("total", "s")],
)
ANSWERS = {"s": (coding("c1"),)}
RESPONSE, PATIENT = uuid.UUID(int=1), uuid.UUID(int=2)


def answered(*ids: int, form: fhir.Questionnaire = FORM, **more) -> list[bundle.Answered]:
    sent = fhir.build(form, ANSWERS, **({"authored": NOW, "language": "en"} | more))
    return [bundle.Answered(uuid.UUID(int=number), form, sent) for number in ids]


INTAKE = bundle.Intake(
    id=uuid.UUID(int=3),
    received_at=NOW,
    transmitter="A clinic",
    patient_id=PATIENT,
    identity=bundle.Person("Marta Quill", "1980-02-29", phone="+17185550143", email="marta@example.org", language="es"),
    answered=answered(1),
    agreement=bundle.Agreement(uuid.UUID(int=4), NOW, "https://clinic.example/privacy/", "3"),
    contact=bundle.ContactRequest(
        id=uuid.UUID(int=5),
        medium="phone",
        period=(NOW, datetime(2026, 11, 24, 11, tzinfo=UTC)),
        notes=("after five", "", "not on Mondays"),
    ),
)
PERSON = {"reference": "urn:uuid:00000000-0000-0000-0000-000000000002"}
TERMS = "http://terminology.hl7.org/CodeSystem/"


def resources(intake: bundle.Intake, kind: str) -> list[dict]:
    entries = bundle.build(intake)["entry"]
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


def identifier(number: int) -> dict:
    return {"system": "urn:ietf:rfc:3986", "value": uuid.UUID(int=number).urn}


def concept(system: str, code: str) -> dict:
    return {"coding": [{"system": system, "code": code}]}


def test_every_record_is_an_entry_and_the_provenance_targets_them_all():
    entries = bundle.build(INTAKE)["entry"]

    assert [entry["resource"]["resourceType"] for entry in entries] == [
        "Patient", "Questionnaire", "QuestionnaireResponse", "Observation", "Consent", "CommunicationRequest",
        "Provenance",
    ]  # fmt: skip
    targets = [target["reference"] for target in entries[-1]["resource"]["target"]]
    assert targets == [entry["fullUrl"] for entry in entries[:-1]]


def test_the_address_of_an_entry_never_changes_from_release_to_release():
    assert [entry["fullUrl"] for entry in bundle.build(INTAKE)["entry"]] == [
        "urn:uuid:00000000-0000-0000-0000-000000000002",
        "urn:uuid:533a8cf8-bb56-5d1e-84fe-e09dac597f71",
        "urn:uuid:00000000-0000-0000-0000-000000000001",
        "urn:uuid:fe6b1480-820d-51e6-b0e8-39590dcc8d92",
        "urn:uuid:00000000-0000-0000-0000-000000000004",
        "urn:uuid:00000000-0000-0000-0000-000000000005",
        "urn:uuid:fd679957-a98f-5408-89cc-5bd0d41fef99",
    ]


def test_a_transaction_creates_nothing_twice():
    requests = [entry["request"] for entry in bundle.build(INTAKE)["entry"]]

    assert requests[0] == {
        "method": "POST",
        "url": "Patient",
        "ifNoneExist": f"identifier=urn%3Aietf%3Arfc%3A3986%7Curn%3Auuid%3A{PATIENT}",
    }
    assert ["ifNoneExist" in request for request in requests] == [True] * 6 + [False]
    assert bundle.build(INTAKE) == bundle.build(INTAKE)


def test_each_version_of_a_form_leaves_once():
    later = parse(scored("s", 0, 2), version="1/1")
    entries = bundle.build(replace(INTAKE, answered=[*answered(1, 6), *answered(7, form=later)]))["entry"]

    forms = [one for one in entries if one["resource"]["resourceType"] == "Questionnaire"]
    assert [one["resource"] for one in forms] == [FORM.resource, later.resource]
    url = "url=https%3A%2F%2Fclinic.example%2Ffhir%2FQuestionnaire%2Ftest"
    assert [one["request"]["ifNoneExist"] for one in forms] == [f"{url}&version=1.0.0", f"{url}&version=1%2F1"]


def test_a_collection_has_the_same_entries_without_requests():
    transaction, collection = bundle.build(INTAKE), bundle.build(INTAKE, kind="collection")

    assert [{k: v for k, v in one.items() if k != "request"} for one in transaction["entry"]] == collection["entry"]
    assert without(transaction, "entry") | {"type": "collection"} == without(collection, "entry")


@pytest.mark.parametrize("kind", ["transaction", "collection"])
def test_a_bundle_is_written_as_it_is_built_also_the_second_time(kind):
    for intake in (INTAKE, replace(INTAKE, id=uuid.UUID(int=8), answered=answered(9))):
        assert bundle.write(intake, kind=kind).decode() == fhir.dumps(bundle.build(intake, kind=kind))


@pytest.mark.parametrize("kind", ["transaction", "collection"])
@pytest.mark.parametrize("changes", [{}, {"identity": None}, {"voided": True}])
def test_a_stored_response_is_written_as_one_that_was_read(kind, changes):
    [read] = answered(1, identifier=str(RESPONSE))
    stored = replace(read, response=StoredResponse(fhir.dumps(read.response)))

    written = [bundle.write(replace(INTAKE, answered=[one], **changes), kind=kind) for one in (read, stored)]

    assert written[0] == written[1]
    assert bundle.build(replace(INTAKE, answered=[stored])) == bundle.build(replace(INTAKE, answered=[read]))


def test_a_total_that_is_not_complete_and_has_an_answer_below_it_leaves_as_nothing():
    target = total("sum") | {"item": [question("note")]}
    gap = parse(scored("r", 0, 1), target, extension=[score("sum", "r")])
    sent = fhir.build(gap, {"note": (True,)}, authored=NOW, language="en")

    assert sent["item"][0]["answer"] == [
        {"item": [{"linkId": "note", "text": "Question note", "answer": [{"valueBoolean": True}]}]}
    ]
    assert resources(replace(INTAKE, answered=[bundle.Answered(RESPONSE, gap, sent)]), "Observation") == []


def test_a_total_between_questions_of_a_question_is_found():
    nested = parse(question("q", item=[scored("s", 0, 2), total("sum")]), extension=[score("sum", "s")])

    [found] = resources(replace(INTAKE, answered=answered(1, form=nested)), "Observation")

    assert found["valueQuantity"]["value"] == 2


def test_a_person_leaves_as_a_patient():
    assert resources(INTAKE, "Patient") == [
        {
            "resourceType": "Patient",
            "identifier": [identifier(2)],
            "name": [{"text": "Marta Quill"}],
            "telecom": [
                {"system": "phone", "value": "+17185550143"},
                {"system": "email", "value": "marta@example.org"},
            ],
            "gender": "unknown",
            "birthDate": "1980-02-29",
            "communication": [{"language": concept("urn:ietf:bcp:47", "es"), "preferred": True}],
        }
    ]


def test_what_a_person_did_not_say_is_left_out():
    assert resources(replace(INTAKE, identity=bundle.Person("")), "Patient") == [
        {"resourceType": "Patient", "identifier": [identifier(2)], "gender": "unknown"}
    ]


def test_a_language_that_is_no_tag_leaves_in_words():
    [found] = resources(replace(INTAKE, identity=bundle.Person("Ana", language="Mixtec, some Spanish")), "Patient")

    assert found["communication"] == [{"language": {"text": "Mixtec, some Spanish"}, "preferred": True}]


def test_a_response_leaves_with_its_identifier_and_the_person_it_is_about():
    [found] = resources(INTAKE, "QuestionnaireResponse")

    stored = INTAKE.answered[0].response
    assert found == stored | {"identifier": identifier(1), "subject": PERSON, "source": PERSON}


def test_whoever_else_answered_stays_the_source():
    [found] = resources(replace(INTAKE, answered=answered(1, source="RelatedPerson/9")), "QuestionnaireResponse")

    assert (found["subject"], found["source"]) == (PERSON, {"reference": "RelatedPerson/9"})


def test_a_total_leaves_as_an_observation_and_one_that_is_not_complete_as_nothing():
    assert resources(INTAKE, "Observation") == [
        {
            "resourceType": "Observation",
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:uuid:fe6b1480-820d-51e6-b0e8-39590dcc8d92"}],
            "status": "final",
            "category": [concept(f"{TERMS}observation-category", "survey")],
            "code": {"coding": LOINC, "text": "Question total"},
            "subject": PERSON,
            "effectiveDateTime": "2026-11-24T09:30:00+00:00",
            "valueQuantity": {
                "value": Decimal(2),
                "unit": "{score}",
                "system": "http://unitsofmeasure.org",
                "code": "{score}",
            },
            "derivedFrom": [{"reference": RESPONSE.urn}],
        }
    ]


def test_a_total_without_code_and_text_is_named_by_its_linkid():
    bare = parse(scored("s", 0, 2), without(total("sum"), "text"), extension=[score("sum", "s")])

    [found] = resources(replace(INTAKE, answered=answered(1, form=bare)), "Observation")

    assert found["code"] == {"text": "sum"}


def test_a_voided_intake_leaves_as_entered_in_error():
    entries = bundle.build(replace(INTAKE, voided=True))["entry"]

    found = [(one["resource"]["resourceType"], one["resource"].get("status")) for one in entries]
    assert found == [
        ("Patient", None),
        ("Questionnaire", "active"),
        ("QuestionnaireResponse", "entered-in-error"),
        ("Observation", "entered-in-error"),
        ("Consent", "entered-in-error"),
        ("CommunicationRequest", "entered-in-error"),
        ("Provenance", None),
    ]


@pytest.mark.parametrize(("status", "count"), [("completed", 1), ("amended", 1), ("in-progress", 0), ("stopped", 0)])
def test_only_finished_responses_leave(status, count):
    assert len(resources(replace(INTAKE, answered=answered(1, status=status)), "QuestionnaireResponse")) == count


def test_a_request_to_be_contacted_is_about_the_responses_that_leave():
    stopped = answered(6, status="stopped")

    assert resources(replace(INTAKE, answered=[*INTAKE.answered, *stopped]), "CommunicationRequest") == [
        {
            "resourceType": "CommunicationRequest",
            "identifier": [identifier(5)],
            "status": "active",
            "subject": PERSON,
            "about": [{"reference": RESPONSE.urn}],
            "medium": [concept(f"{TERMS}v3-ParticipationMode", "PHONE")],
            "authoredOn": "2026-11-24T09:30:00+00:00",
            "note": [{"text": "after five"}, {"text": "not on Mondays"}],
            "occurrencePeriod": {"start": "2026-11-24T09:30:00+00:00", "end": "2026-11-24T11:00:00+00:00"},
        }
    ]


@pytest.mark.parametrize(("medium", "codes"), [("email", ["EMAILWRIT"]), ("", [])])
def test_a_request_names_the_way_that_the_person_prefers(medium, codes):
    asked = replace(INTAKE, contact=bundle.ContactRequest(uuid.UUID(int=5), medium))

    [found] = resources(asked, "CommunicationRequest")

    assert [one["coding"][0]["code"] for one in found.get("medium", [])] == codes


def test_the_consent_names_its_scope_category_time_and_text():
    assert resources(INTAKE, "Consent") == [
        {
            "resourceType": "Consent",
            "identifier": [identifier(4)],
            "status": "active",
            "scope": concept(f"{TERMS}consentscope", "patient-privacy"),
            "category": [concept("http://loinc.org", "59284-0")],
            "patient": PERSON,
            "dateTime": "2026-11-24T09:30:00+00:00",
            "policy": [{"uri": "https://clinic.example/privacy/|3"}],
            "provision": {"type": "permit"},
        }
    ]


def test_a_refusal_of_consent_is_a_deny():
    [found] = resources(replace(INTAKE, agreement=replace(INTAKE.agreement, permitted=False)), "Consent")

    assert found["provision"] == {"type": "deny"}


def test_the_provenance_names_the_person_as_author_and_the_clinic_as_transmitter():
    [found] = resources(INTAKE, "Provenance")

    us_core = "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type"
    assert found["agent"] == [
        {"type": concept(f"{TERMS}provenance-participant-type", "author"), "who": PERSON},
        {"type": concept(us_core, "transmitter"), "who": {"display": "A clinic"}},
    ]


@pytest.mark.parametrize("kind", ["transaction", "collection"])
@pytest.mark.parametrize("changes", [{}, {"identity": None}, {"voided": True}, {"answered": ()}], ids=str)
def test_a_bundle_is_sound_by_fhir(kind, changes):
    written = fhir.dumps(bundle.build(replace(INTAKE, **changes), kind=kind))

    assert fhir.check_structure(json.loads(written)) == ()


def test_another_kind_of_bundle_is_refused():
    with pytest.raises(ValueError, match=r"^a bundle is a transaction or a collection$"):
        bundle.build(INTAKE, kind="batch")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match=r"^a time needs a time zone$"):
        bundle.build(replace(INTAKE, received_at=datetime(2026, 11, 24)))
