import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from fhir.resources.R4B.bundle import Bundle

from clinic.models import AuditEvent
from intake import fhir
from intake.models import Response, Submission
from tests.factories import make_submission

pytestmark = pytest.mark.django_db


def printed(*args: str, **options: bool | str) -> dict:
    out = StringIO()
    call_command("export_bundle", *args, stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.fixture
def reference(visitor) -> str:
    visitor.finish(phq9=[1] * 9, gad7=[1] * 6 + [None])
    visitor.send()
    return Submission.objects.get().reference


@pytest.mark.parametrize("kind", ["transaction", "collection"])
def test_a_screening_leaves_as_a_valid_bundle(reference, kind):
    bundle = printed(reference, collection=kind == "collection")

    assert bundle["type"] == kind
    Bundle.model_validate(bundle)
    types = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert (types.count("QuestionnaireResponse"), types.count("Patient"), types.count("Consent")) == (6, 1, 1)
    assert all(("request" in entry) is (kind == "transaction") for entry in bundle["entry"])


def test_the_totals_leave_as_observations_and_a_gap_leaves_none(reference):
    found = [entry["resource"] for entry in printed(reference)["entry"]]
    totals = {
        one["code"]["coding"][0]["code"]: one["valueQuantity"]["value"]
        for one in found
        if one["resourceType"] == "Observation"
    }

    assert totals["44261-6"] == 9
    assert "70274-6" not in totals


def test_every_stored_response_keeps_the_rules_of_its_form(reference):
    for response in Response.objects.select_related("questionnaire"):
        assert fhir.check(response.questionnaire.compiled, response.resource) == ()


def test_a_stored_response_has_its_own_identifier_and_names_nobody_so_that_its_bundle_can(reference):
    for response in Response.objects.all():
        assert response.resource["identifier"]["value"] == response.pk.urn
        assert not {"subject", "source", "author"} & response.resource.keys()
        assert response.resource["status"] == "completed"


def test_a_contact_request_leaves_as_a_request_to_be_contacted():
    submission = make_submission()

    types = [entry["resource"]["resourceType"] for entry in printed(submission.reference)["entry"]]

    assert "CommunicationRequest" in types
    assert "QuestionnaireResponse" not in types


def test_an_export_is_recorded(reference):
    printed(reference)

    event = AuditEvent.objects.get(action="exported", reference=reference)
    assert (event.actor, event.detail, event.reason) == (None, "FHIR transaction, command line", "")


def test_a_reason_for_an_export_is_kept_on_record(reference):
    printed(reference, collection=True, reason="legal-request")

    event = AuditEvent.objects.get(action="exported", reference=reference)
    assert (event.detail, event.reason) == ("FHIR collection, command line", "legal-request")


def test_a_reason_in_words_of_ones_own_is_refused(reference):
    with pytest.raises(CommandError, match="invalid choice"):
        printed(reference, "--reason=because")

    assert not AuditEvent.objects.filter(action="exported").exists()


def test_an_unknown_reference_is_said_to_be_unknown(db):
    with pytest.raises(CommandError, match="no submission with this reference"):
        printed("22222-22222")
