"""A submission as a FHIR Bundle. What staff wrote about it, alerts and audit events stay here."""

import uuid

from django.conf import settings

from clinic.models import ClinicProfile
from intake import fhir
from intake.fhir import bundle
from intake.models import Submission


def export(submission: Submission, kind: str = "transaction") -> str:
    """Return the Bundle as JSON; `kind` is transaction or collection."""
    return fhir.dumps(bundle.build(_intake(submission), kind=kind, base=settings.FHIR_BASE_URL))


def _intake(submission: Submission) -> bundle.Intake:
    responses = submission.responses.select_related("questionnaire")
    return bundle.Intake(
        id=submission.pk,
        received_at=submission.created_at,
        transmitter=ClinicProfile.load().name,
        patient_id=uuid.uuid5(submission.pk, "patient"),
        identity=bundle.Person(
            name=submission.name,
            birth_date=submission.birth_date,
            phone=submission.phone,
            email=submission.email,
            language=submission.preferred_language or submission.language,
        ),
        answered=[bundle.Answered(one.pk, one.questionnaire.compiled, one.resource) for one in responses],
        agreement=bundle.Agreement(
            id=uuid.uuid5(submission.pk, "consent"),
            at=submission.consented_at,
            policy=f"{settings.SITE_URL}/privacy/",
            version=submission.consent.version,
        ),
        contact=_contact(submission),
    )


def _contact(submission: Submission) -> bundle.ContactRequest | None:
    if submission.kind != Submission.Kind.CONTACT:
        return None
    notes = tuple(text for text in (submission.best_time, submission.message) if text)
    return bundle.ContactRequest(uuid.uuid5(submission.pk, "contact"), submission.contact_method, notes=notes)
