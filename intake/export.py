"""A submission as a FHIR Bundle. What staff wrote about it, alerts and audit events stay here."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from clinic.models import ClinicProfile
from intake.fhir import bundle
from intake.fhir.stored import StoredResponse
from intake.models import Erased, Questionnaire, Submission


class Reason(models.TextChoices):
    """Why something leaves the portal: fixed, so that the record of it holds no patient data."""

    RECORD = "medical-record", "For the medical record"
    TREATMENT = "treatment", "For another clinician who treats the person"
    PERSON = "person", "At the person's request"
    LEGAL = "legal-request", "For a legal request"
    QUALITY = "quality-review", "For quality review"


def exportable() -> QuerySet[Submission]:
    """Submissions together with all that their Bundles need, but for the forms, which are kept."""
    return Submission.objects.prefetch_related("consent", "responses")


def export(submission: Submission, kind: str = "transaction", *, clinic: str | None = None) -> bytes:
    """Return the Bundle as JSON in UTF-8; `kind` is transaction or collection. Raises UnreadableValue, Erased.

    `clinic` is its name, which is looked up unless it is given.
    """
    if submission.erased_at:
        raise Erased(
            f"{submission.reference} was erased on {submission.erased_at:%Y-%m-%d}: nothing is left to export."
        )
    intake = _intake(submission, clinic or ClinicProfile.load().name)
    return bundle.write(intake, kind=kind, base=settings.FHIR_BASE_URL)


def _intake(submission: Submission, clinic: str) -> bundle.Intake:
    responses = submission.responses.all()
    forms = Questionnaire.objects.kept([one.questionnaire_id for one in responses])
    return bundle.Intake(
        id=submission.pk,
        received_at=submission.created_at,
        transmitter=clinic,
        patient_id=uuid.uuid5(submission.pk, "patient"),
        identity=bundle.Person(
            name=submission.name,
            birth_date=submission.birth_date,
            phone=submission.phone,
            email=submission.email,
            language=submission.preferred_language or submission.language,
        ),
        answered=[
            bundle.Answered(one.pk, form.compiled, StoredResponse(one.document))
            for one, form in zip(responses, forms, strict=True)
        ],
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
