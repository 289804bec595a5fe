import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic import allowances
from clinic.crypto import normal_email, normal_phone
from clinic.database.inserting import insert
from clinic.fields import BlindIndexField, EncryptedTextField
from clinic.models import AuditEvent, User
from clinic.retention import kept_since
from intake import fhir, notices
from intake.models.alert import SafetyAlert
from intake.models.consent import ConsentText
from intake.models.desk import CannedReply, SentReply, filled
from intake.models.erasure import Erasable
from intake.models.questionnaire import Questionnaire
from intake.models.reference import new_reference
from intake.models.response import PHQ9_TOTAL, Response, band_of
from intake.models.work import Conflict
from intake.spam import Sign

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from intake.models.draft import Draft


class InvalidTransition(Exception):
    """The submission's status does not allow this step, perhaps because someone else was faster."""


class UnresolvedAlert(InvalidTransition):
    """A submission stays open until its safety alerts are resolved."""


Answered = tuple[Questionnaire, fhir.AnswersOrEvaluation]


def risk_of(severities: Iterable[str]) -> int:
    """The risk that the most severe alert stands for."""
    risks = {"urgent": Submission.Risk.URGENT, "routine": Submission.Risk.ROUTINE}
    return max((risks[severity] for severity in severities), default=Submission.Risk.NONE_RAISED)


def shared_indexes(submission: "Submission") -> tuple[list[bytes], list[bytes]]:
    """What tells its e-mail address, and its phone number, in another row."""
    fields = (Submission._meta.get_field(name) for name in ("email_index", "phone_index"))
    email, phone = (field.indexes_of(submission) for field in fields if isinstance(field, BlindIndexField))
    return email, phone


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> Self:
        """Submissions that still need somebody, without those that may be spam."""
        return self.filter(status__in=Submission.OPEN, is_suspect=False)

    def suspect(self) -> Self:
        """Those that may be spam, and of which nobody has said yet whether they are."""
        return self.filter(status__in=Submission.OPEN, is_suspect=True)

    def kept(self) -> Self:
        """Without those of which only the stone is left."""
        return self.exclude(status=Submission.Status.ERASED)

    def awaiting_erasure(self) -> Self:
        """Those whose erasure somebody has asked for, and that nobody has confirmed yet; the oldest request first."""
        return self.filter(erasure_asked_at__isnull=False, erased_at=None).order_by("erasure_asked_at")

    def held(self) -> Self:
        return self.filter(held_at__isnull=False).order_by("held_at")

    def expired(self) -> Self:
        """Declined or closed longer ago than the clinic's profile keeps them, and not on legal hold."""
        ended = self.filter(status__in=Submission.ENDED, ended_at__lte=kept_since("submission_months"))
        return ended.filter(held_at=None).order_by("ended_at")

    def riskiest_first(self) -> Self:
        """Those with an unresolved alert first, the longest waiting on top."""
        return self.order_by("-open_risk", "created_at")

    def receive(
        self,
        *,
        origin: uuid.UUID,
        kind: str,
        language: str,
        consent: ConsentText,
        details: Mapping[str, Any],
        with_receipt: bool,
        answered: Sequence["Answered"] = (),
        draft: "Draft | None" = None,
    ) -> "Submission":
        """Store what a visitor sent, with its alerts and e-mails, and empty the draft of it: by one statement.

        `origin` names the draft or the form it was made of: received again, it gives the submission that is there.
        `details` are the personal fields by name, `answered` the questionnaires in their order. Raises DoesNotExist,
        with nothing stored, when the draft was changed after it was read.
        """
        found = [(form, fhir.evaluate(form.compiled, answers)) for form, answers in answered]
        alerts = [alert for form, state in found for alert in state.raised(form.compiled)]
        risk = risk_of(alert.severity for alert in alerts)
        fields = {"kind": kind, "language": language, "consent": consent, "risk": risk, "open_risk": risk, **details}
        submission = Submission(origin=origin, phq9_band=band_of(PHQ9_TOTAL, found), **fields)
        is_new = insert(
            submission,
            *Response.all_of(submission, found),
            *SafetyAlert.all_of(submission, alerts),
            submission.event(AuditEvent.Action.RECEIVED, by=None),
            *notices.received(submission, with_receipt=with_receipt),
            unless="origin",
            after=draft.becoming(submission) if draft else None,
        )
        return submission if is_new else self.get(origin=origin)

    def reached_at(self, text: str) -> Self:
        """Submissions with exactly this e-mail address or phone number, however it is written."""
        return self.filter(models.Q(email_index__matches=text) | models.Q(phone_index__matches=text))

    def sharing_contact(self, submission: "Submission") -> Self:
        """The other submissions with its e-mail address or its phone number."""
        email, phone = shared_indexes(submission)
        same = models.Q(email_index__in=email) | models.Q(phone_index__in=phone)
        return self.exclude(pk=submission.pk).filter(same)


class Submission(Erasable):
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
        ERASED = "erased", "Erased"

    class Risk(models.IntegerChoices):
        """The most severe alert that the answers raised. NONE_RAISED says nothing of the person's safety."""

        NONE_RAISED = 0, "No alert raised"
        ROUTINE = 1, "Needs a question"
        URGENT = 2, "Urgent"

    class ContactMethod(models.TextChoices):
        PHONE = "phone", _("Phone call")
        EMAIL = "email", _("E-mail")

    OPEN: ClassVar = (Status.NEW, Status.IN_REVIEW, Status.CONTACTED)
    ENDED: ClassVar = (Status.DECLINED, Status.CLOSED)
    ERASED_STATUS: ClassVar = Status.ERASED

    reference = models.CharField(max_length=11, unique=True, default=new_reference, editable=False)
    origin = models.UUIDField("draft or form token it was made of", unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    risk = models.PositiveSmallIntegerField(choices=Risk, default=Risk.NONE_RAISED)
    open_risk = models.PositiveSmallIntegerField(
        "risk of its unresolved alerts", choices=Risk, default=Risk.NONE_RAISED
    )
    phq9_band = models.CharField(  # noqa: DJ001  (a contact request has none, and one not complete an empty one)
        "PHQ-9 band", max_length=100, null=True, editable=False, help_text="Its score's, so that the list finds it."
    )
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField("received", default=timezone.now, editable=False)
    is_sample = models.BooleanField("invented sample", default=False)
    is_suspect = models.BooleanField("may be spam", default=False)
    suspect_signs = ArrayField(models.CharField(max_length=10, choices=Sign), default=list, blank=True, editable=False)

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
    consent = models.ForeignKey(
        ConsentText,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # nobody looks for it, or deletes one
    )
    consented_at = models.DateTimeField(auto_now_add=True)

    objects = SubmissionQuerySet.as_manager()

    if TYPE_CHECKING:
        responses: RelatedManager[Response]
        alerts: RelatedManager[SafetyAlert]

    class Meta:
        permissions: ClassVar = [
            ("read_answers", "Can read what patients answered and wrote"),
            ("export_submission", "Can print and export what they may see of submissions"),
            ("erase_submission", "Can erase submissions with a second person, and put them on legal hold"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-open_risk", "created_at"], name="submission_riskiest_first"),
            models.Index(fields=["status", "-open_risk", "created_at"], name="submission_waiting"),
            *(  # what the list can be narrowed to, in its order: something may be rare, and all of it be recent
                models.Index(fields=[field, "-open_risk", "created_at"], name=f"submission_by_{field}")
                for field in ("assignee", "language", "risk", "is_sample")
            ),
            models.Index(
                fields=["phq9_band", "-open_risk", "created_at"],
                condition=models.Q(phq9_band__isnull=False),
                name="submission_by_phq9_band",
            ),
            models.Index(
                fields=["next_contact_on"], condition=models.Q(next_contact_on__isnull=False), name="submission_due"
            ),
            models.Index(
                fields=["status", "created_at"],
                include=["assignee", "next_contact_on", "is_suspect"],
                condition=models.Q(status__in=["new", "in-review", "contacted"]),
                name="submission_open",
            ),
            models.Index(fields=["status"], condition=models.Q(is_suspect=True), name="submission_suspect"),
            models.Index(
                fields=["created_at"],
                include=["kind", "risk", "is_suspect", "first_seen_at", "first_contact_at"],
                name="submission_received",
            ),
            models.Index(
                fields=["ended_at"], condition=models.Q(status__in=["declined", "closed"]), name="submission_ended"
            ),
            models.Index(
                fields=["erasure_asked_at"],
                condition=models.Q(erasure_asked_at__isnull=False, erased_at=None),
                name="submission_awaiting_erasure",
            ),
            models.Index(fields=["held_at"], condition=models.Q(held_at__isnull=False), name="submission_held"),
            models.Index(fields=["erased_at"], condition=models.Q(erased_at__isnull=False), name="submission_erased"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=["contact", "screening"]), name="submission_kind"),
            models.CheckConstraint(
                condition=models.Q(is_suspect=False) | models.Q(kind="contact", risk=0),
                name="submission_suspect_is_no_screening",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["new", "in-review", "contacted", "scheduled", "declined", "closed", "erased"]
                ),
                name="submission_status",
            ),
            models.CheckConstraint(
                condition=models.Q(risk__in=[0, 1, 2], open_risk__lte=models.F("risk")), name="submission_risk"
            ),
            models.CheckConstraint(
                condition=models.Q(open_risk=0) | models.Q(status__in=["new", "in-review", "contacted"]),
                name="submission_with_an_unresolved_alert_is_open",
            ),
            models.CheckConstraint(
                condition=models.Q(held_at=None, held_by=None, hold_reason="")
                | models.Q(held_at__isnull=False, held_by__isnull=False) & ~models.Q(hold_reason=""),
                name="submission_held_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(erasure_asked_at=None, erasure_asked_by=None, erasure_reason="")
                | models.Q(erasure_asked_at__isnull=False, erasure_asked_by__isnull=False)
                & ~models.Q(erasure_reason=""),
                name="submission_erasure_asked_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(erased_by=None, erasure_asked_by=None)
                | models.Q(erased_by=None, erased_at=None)
                | models.Q(erased_at__isnull=False, erasure_asked_by__isnull=False)
                & ~models.Q(erased_by=models.F("erasure_asked_by")),
                name="submission_erased_by_a_second_person_or_by_retention",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="erased") & models.Q(erased_at=None)
                | models.Q(
                    status="erased",
                    erased_at__isnull=False,
                    email_index=None,
                    phone_index=None,
                    assignee=None,
                    held_at=None,
                    risk=0,
                ),
                name="submission_erased_is_empty",
            ),
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
    def release(self, *, by: User) -> None:
        """It is no spam: from now on it is like every other, and its receipt goes out. Saves.

        Raises InvalidTransition when it is not suspect, or not any more.
        """
        found = Submission.objects.select_for_update().only("is_suspect").get(pk=self.pk)
        if not found.is_suspect:
            raise InvalidTransition("from suspect")
        self.is_suspect = False
        self.save(update_fields=["is_suspect"])
        if self.email and not allowances.RECEIPT_TO.take(normal_email(self.email)):
            insert(*notices.receipt(self))
        self.record(AuditEvent.Action.STATUS, by=by, detail=f"suspect -> {self.status}")

    def close_as_spam(self, *, by: User) -> None:
        """Close what still may be spam, and what nobody else has had a hand in: one of many, chosen in a list. Saves.

        Raises InvalidTransition when it is not suspect any more, Conflict when others work on it, and Erased.
        """
        with self.unchanged_since(0, by=by):
            self.refresh_from_db(fields=["is_suspect", "assignee"])
            if not self.is_suspect:
                raise InvalidTransition("from suspect")
            if self.is_with_others(by=by):
                raise Conflict([])
            self.close(by=by)

    @transaction.atomic
    def reply(self, reply: CannedReply, key: uuid.UUID, *, by: User) -> None:
        """Queue an e-mail to the person and keep what it says. Saves; with the same key only once."""
        subject, body = self.reply_text(reply, by=by)
        values = {"submission": self, "title": reply.title, "by": by, "subject": subject, "body": body}
        _, created = SentReply.objects.get_or_create(pk=key, defaults=values)
        if created:
            notices.reply(self, subject, body)
            self._first_contact()
            self.record(AuditEvent.Action.REPLY, by=by, detail=reply.title)

    def reply_text(self, reply: CannedReply, *, by: User) -> tuple[str, str]:
        """Subject and body as they would be sent. Raises ValueError that says what is missing, in words for staff."""
        if not self.email:
            raise ValueError("There is no e-mail address to send it to.")
        values = notices.reply_values(self, by, reply.language)
        if missing := reply.missing(values):
            raise ValueError(f"This reply needs {' and '.join(missing)}, which the clinic profile lacks.")
        return filled(reply.subject, values), filled(reply.body, values)

    def settle_risk(self) -> None:
        """Take `open_risk` from the alerts that are not resolved. Saves."""
        unresolved = SafetyAlert.objects.unresolved().filter(submission=self).values_list("severity", flat=True)
        self.open_risk = risk_of(unresolved)
        self.save(update_fields=["open_risk"])

    @transaction.atomic
    def _move(self, to: Status, allowed: set[Any], by: User) -> None:
        """Change the status from one of `allowed`, and record it. Saves.

        Raises InvalidTransition, also for what may be spam unless it is closed, and UnresolvedAlert for leaving the
        open statuses while an alert is unresolved.
        """
        found = Submission.objects.select_for_update().only("status", "open_risk", "is_suspect").get(pk=self.pk)
        stored = found.status
        if stored not in allowed or (found.is_suspect and to != self.Status.CLOSED):
            raise InvalidTransition(f"from {stored} to {to}")
        if found.open_risk and to not in self.OPEN:
            raise UnresolvedAlert(f"from {stored} to {to}")
        self.status = to
        self.ended_at = timezone.now() if to in self.ENDED else None
        self.save(update_fields=["status", "ended_at"])
        if to == self.Status.CONTACTED:
            self._first_contact()
        self.record(AuditEvent.Action.STATUS, by=by, detail=f"{stored} -> {to}")
