import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.crypto import normal_email, normal_phone
from clinic.fields import BlindIndexField, EncryptedTextField
from clinic.models import User
from intake import fhir, notices
from intake.models.questionnaire import Questionnaire
from intake.models.record import AuditEvent, Note

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

# No vowels, so that no word appears; no letter that is read or heard as a digit.
REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"

PHQ9_TOTAL = "44261-6"  # LOINC
GAD7_TOTAL = "70274-6"


def new_reference() -> str:
    """Return ten random characters in two groups, about 47 bits: K7QF2-M9D3X."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


class InvalidTransition(Exception):
    """The submission's status does not allow this step, perhaps because someone else was faster."""


class ConsentText(models.Model):
    """What a person agreed to when sending; a changed text is a new version."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "Contact request"
        SCREENING = "screening", "Screening"

    kind = models.CharField(max_length=10, choices=Kind)
    language = models.CharField(max_length=10)
    version = models.CharField(max_length=20)
    text = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-published_at"]
        get_latest_by = "published_at"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "language", "version"], name="consent_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version} ({self.language})"

    @classmethod
    def current(cls, kind: str, language: str) -> "ConsentText":
        return cls.objects.filter(kind=kind, language=language).latest()


Answered = tuple[Questionnaire, Mapping[str, Sequence[fhir.Value]]]  # a form and its enabled answers by linkId


def risk_of(alerts: Iterable[fhir.Alert]) -> int:
    """The risk that the most severe of the alerts stands for."""
    risks = {"urgent": Submission.Risk.URGENT, "routine": Submission.Risk.ROUTINE}
    return max((risks[alert.severity] for alert in alerts), default=Submission.Risk.NONE_RAISED)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> Self:
        """Submissions that still need somebody."""
        return self.filter(status__in=Submission.OPEN)

    def riskiest_first(self) -> Self:
        return self.order_by("-risk", "created_at")

    @transaction.atomic
    def receive(
        self,
        *,
        origin: uuid.UUID,
        kind: str,
        language: str,
        consent: ConsentText,
        details: Mapping[str, Any],
        answered: Sequence["Answered"] = (),
    ) -> "Submission":
        """Store what a visitor sent, with its alerts and e-mails, in one transaction.

        `origin` names the draft or the form it was made of: received again, it gives the submission that is there.
        `details` are the personal fields by name, `answered` the questionnaires in their order.
        """
        alerts = [alert for form, answers in answered for alert in fhir.raised(form.compiled, answers)]
        fields = {"kind": kind, "language": language, "consent": consent, "risk": risk_of(alerts), **details}
        submission, created = self.get_or_create(origin=origin, defaults=fields)
        if created:
            for position, (form, answers) in enumerate(answered):
                Response.objects.keep(submission, position, form, answers)
            SafetyAlert.objects.open_all(submission, alerts)
            submission.record(AuditEvent.Action.RECEIVED, by=None)
            notices.received(submission)
        return submission

    def reached_at(self, text: str) -> Self:
        """Submissions with exactly this e-mail address or phone number, however it is written."""
        return self.filter(models.Q(email_index__matches=text) | models.Q(phone_index__matches=text))


class Submission(models.Model):
    """What a visitor sent: a contact request or a screening, in one inbox."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "Contact request"
        SCREENING = "screening", "Screening"

    class Status(models.TextChoices):
        NEW = "new", "New"
        IN_REVIEW = "in-review", "In review"
        CONTACTED = "contacted", "Contacted"
        SCHEDULED = "scheduled", "Scheduled"
        DECLINED = "declined", "Declined"
        CLOSED = "closed", "Closed"

    class Risk(models.IntegerChoices):
        """The most severe alert that the answers raised. NONE_RAISED says nothing of the person's safety."""

        NONE_RAISED = 0, "No alert raised"
        ROUTINE = 1, "Needs a question"
        URGENT = 2, "Urgent"

    class ContactMethod(models.TextChoices):
        PHONE = "phone", _("Phone call")
        EMAIL = "email", _("E-mail")

    OPEN: ClassVar = (Status.NEW, Status.IN_REVIEW, Status.CONTACTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=11, unique=True, default=new_reference, editable=False)
    origin = models.UUIDField("draft or form token it was made of", unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    risk = models.PositiveSmallIntegerField(choices=Risk, default=Risk.NONE_RAISED)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField("received", auto_now_add=True)
    is_sample = models.BooleanField("invented sample", default=False)
    is_suspect = models.BooleanField("may be spam", default=False)

    name = EncryptedTextField(blank=True)
    email = EncryptedTextField(blank=True)
    email_index = BlindIndexField(source="email", normalise=normal_email)
    phone = EncryptedTextField(blank=True)
    phone_index = BlindIndexField(source="phone", normalise=normal_phone)
    birth_date = EncryptedTextField("date of birth", blank=True, help_text="YYYY-MM-DD")
    contact_method = models.CharField("prefers", max_length=10, choices=ContactMethod, blank=True)
    best_time = EncryptedTextField("best time", blank=True)
    preferred_language = EncryptedTextField(blank=True)
    message = EncryptedTextField(blank=True)
    consent = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="+")
    consented_at = models.DateTimeField(auto_now_add=True)

    objects = SubmissionQuerySet.as_manager()

    if TYPE_CHECKING:
        notes: RelatedManager[Note]
        events: RelatedManager[AuditEvent]
        responses: RelatedManager["Response"]
        alerts: RelatedManager["SafetyAlert"]

    class Meta:
        permissions: ClassVar = [("read_answers", "Can read what patients answered and wrote")]
        indexes: ClassVar = [
            models.Index(fields=["-risk", "created_at"], name="submission_riskiest_first"),
            models.Index(fields=["status", "-risk", "created_at"], name="submission_waiting"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=["contact", "screening"]), name="submission_kind"),
            models.CheckConstraint(
                condition=models.Q(status__in=["new", "in-review", "contacted", "scheduled", "declined", "closed"]),
                name="submission_status",
            ),
            models.CheckConstraint(condition=models.Q(risk__in=[0, 1, 2]), name="submission_risk"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("admin:intake_submission_change", args=[self.pk])

    def start_review(self, *, by: User) -> None:
        self._move(self.Status.IN_REVIEW, {self.Status.NEW}, by)

    def mark_contacted(self, *, by: User) -> None:
        self._move(self.Status.CONTACTED, {self.Status.NEW, self.Status.IN_REVIEW}, by)

    def schedule(self, *, by: User) -> None:
        self._move(self.Status.SCHEDULED, {self.Status.IN_REVIEW, self.Status.CONTACTED}, by)

    def decline(self, *, by: User) -> None:
        self._move(self.Status.DECLINED, {self.Status.IN_REVIEW, self.Status.CONTACTED}, by)

    def close(self, *, by: User) -> None:
        self._move(self.Status.CLOSED, {*self.OPEN, self.Status.SCHEDULED, self.Status.DECLINED}, by)

    def reopen(self, *, by: User) -> None:
        self._move(self.Status.IN_REVIEW, {self.Status.SCHEDULED, self.Status.DECLINED, self.Status.CLOSED}, by)

    @transaction.atomic
    def add_note(self, text: str, *, by: User) -> Note:
        note = Note.objects.create(submission=self, author=by, text=text)
        self.record(AuditEvent.Action.NOTE, by=by)
        return note

    def record(self, action: AuditEvent.Action, *, by: User | None, detail: str = "") -> None:
        """Write down that `by` did `action`; None stands for the visitor."""
        AuditEvent.objects.create(actor=by, action=action, submission=self, reference=self.reference, detail=detail)

    @transaction.atomic
    def _move(self, to: Status, allowed: set[Any], by: User) -> None:
        """Change the status from one of `allowed`, and record it. Saves; raises InvalidTransition."""
        stored = Submission.objects.select_for_update().only("status").get(pk=self.pk).status
        if stored not in allowed:
            raise InvalidTransition(f"from {stored} to {to}")
        self.status = to
        self.save(update_fields=["status"])
        self.record(AuditEvent.Action.STATUS, by=by, detail=f"{stored} -> {to}")


class ResponseQuerySet(models.QuerySet["Response"]):
    def keep(
        self,
        submission: Submission,
        position: int,
        questionnaire: Questionnaire,
        answers: Mapping[str, Sequence[fhir.Value]],
    ) -> "Response":
        """Store the answers of one form as a completed QuestionnaireResponse, and its scores."""
        response = Response(submission=submission, questionnaire=questionnaire, position=position)
        resource = fhir.build(
            questionnaire.compiled,
            answers,
            authored=submission.created_at,
            language=submission.language,
            identifier=str(response.pk),
        )
        response.document = fhir.dumps(resource)
        response.save()
        totals = fhir.totals(questionnaire.compiled, answers)
        Score.objects.bulk_create(
            Score.of(response, score, totals[score.target]) for score in questionnaire.compiled.scores
        )
        return response


class Response(models.Model):
    """One questionnaire as it was answered: `document` is the FHIR QuestionnaireResponse, its numbers as typed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="responses")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="responses")
    position = models.PositiveSmallIntegerField()
    document = EncryptedTextField()

    objects = ResponseQuerySet.as_manager()

    if TYPE_CHECKING:
        scores: RelatedManager["Score"]

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "questionnaire"], name="response_once_a_form")
        ]

    def __str__(self) -> str:
        return f"Response {self.pk}"

    @property
    def resource(self) -> dict[str, Any]:
        return fhir.read_json(self.document)

    @property
    def answers(self) -> dict[str, tuple[fhir.Value, ...]]:
        return fhir.answers_of(self.questionnaire.compiled, self.resource)


class Score(models.Model):
    """A total that the form declares; `total` is empty when an answer it needs is missing."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="scores")
    link_id = models.CharField(max_length=255)
    code = models.CharField(max_length=100, help_text="The total's own code, such as LOINC 44261-6, or its linkId.")
    total = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    band = models.CharField(max_length=100, blank=True)
    band_display = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["code", "band"], name="score_by_band")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["response", "link_id"], name="score_once_a_response"),
            models.CheckConstraint(
                condition=models.Q(total__isnull=False) | models.Q(band=""), name="score_without_total_has_no_band"
            ),
        ]

    def __str__(self) -> str:
        return f"Score {self.pk}"

    @classmethod
    def of(cls, response: Response, score: fhir.Score, total: Decimal | None) -> "Score":
        """The row for one declared score; its band is staff's wording, in the form's own language."""
        form = response.questionnaire.compiled
        target, band = form.by_id[score.target], fhir.band(score, total)
        return cls(
            response=response,
            link_id=score.target,
            code=target.code[0].code if target.code else score.target,
            total=total,
            band=band.code if band else "",
            band_display=band.display(form.language) if band else "",
        )


class SafetyAlertQuerySet(models.QuerySet["SafetyAlert"]):
    def open_all(self, submission: Submission, alerts: Iterable[fhir.Alert]) -> None:
        severities: dict[str, str] = {}
        for alert in alerts:
            if severities.get(alert.code) != SafetyAlert.Severity.URGENT:
                severities[alert.code] = alert.severity
        self.bulk_create(
            SafetyAlert(submission=submission, code=code, severity=severity) for code, severity in severities.items()
        )


class SafetyAlert(models.Model):
    """A risky answer, raised when the submission was received; stays open until a named person has dealt with it."""

    class Severity(models.TextChoices):
        URGENT = "urgent", "Urgent"
        ROUTINE = "routine", "Routine"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="alerts")
    code = models.CharField(max_length=100)
    severity = models.CharField(max_length=10, choices=Severity)
    raised_at = models.DateTimeField(auto_now_add=True)

    objects = SafetyAlertQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-severity", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "code"], name="alert_once_a_submission"),
            models.CheckConstraint(condition=models.Q(severity__in=["urgent", "routine"]), name="alert_severity"),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.severity})"
