import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic import audit
from clinic.audit import AuditEventQuerySet
from clinic.crypto import normal_email, normal_phone
from clinic.fields import BlindIndexField, EncryptedTextField
from clinic.models import AuditEvent, User
from intake import fhir, notices
from intake.models.alert import SafetyAlert
from intake.models.consent import ConsentText
from intake.models.desk import CannedReply, SentReply, Tag, filled
from intake.models.questionnaire import Questionnaire
from intake.models.record import ContactAttempt, Note
from intake.models.response import Response

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

# No vowels, so that no word appears; no letter that is read or heard as a digit.
REFERENCE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_reference() -> str:
    """Return ten random characters in two groups, about 47 bits: K7QF2-M9D3X."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


class InvalidTransition(Exception):
    """The submission's status does not allow this step, perhaps because someone else was faster."""


class UnresolvedAlert(InvalidTransition):
    """A submission stays open until its safety alerts are resolved."""


class Conflict(Exception):
    """Others changed the submission since the user's page was made; `events` say how."""

    def __init__(self, events: Sequence[AuditEvent]) -> None:
        super().__init__(f"{len(events)} changes by others")
        self.events = events


Answered = tuple[Questionnaire, Mapping[str, Sequence[fhir.Value]]]  # a form and its enabled answers by linkId


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
        """Submissions that still need somebody."""
        return self.filter(status__in=Submission.OPEN)

    def riskiest_first(self) -> Self:
        """Those with an unresolved alert first, the longest waiting on top."""
        return self.order_by("-open_risk", "created_at")

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
        risk = risk_of(alert.severity for alert in alerts)
        fields = {"kind": kind, "language": language, "consent": consent, "risk": risk, "open_risk": risk, **details}
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

    def sharing_contact(self, submission: "Submission") -> Self:
        """The other submissions with its e-mail address or its phone number."""
        email, phone = shared_indexes(submission)
        same = models.Q(email_index__in=email) | models.Q(phone_index__in=phone)
        return self.exclude(pk=submission.pk).filter(same)


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

    SEEN_LATELY: ClassVar = timedelta(minutes=5)
    OPEN: ClassVar = (Status.NEW, Status.IN_REVIEW, Status.CONTACTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=11, unique=True, default=new_reference, editable=False)
    origin = models.UUIDField("draft or form token it was made of", unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    risk = models.PositiveSmallIntegerField(choices=Risk, default=Risk.NONE_RAISED)
    open_risk = models.PositiveSmallIntegerField(
        "risk of its unresolved alerts", choices=Risk, default=Risk.NONE_RAISED
    )
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField("received", auto_now_add=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    next_contact_on = models.DateField("next contact due", null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="+")
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
        attempts: RelatedManager[ContactAttempt]
        replies: RelatedManager[SentReply]
        responses: RelatedManager[Response]
        alerts: RelatedManager[SafetyAlert]

    class Meta:
        permissions: ClassVar = [
            ("read_answers", "Can read what patients answered and wrote"),
            ("export_submission", "Can print and export what they may see of submissions"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-open_risk", "created_at"], name="submission_riskiest_first"),
            models.Index(fields=["status", "-open_risk", "created_at"], name="submission_waiting"),
            models.Index(
                fields=["next_contact_on"], condition=models.Q(next_contact_on__isnull=False), name="submission_due"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=["contact", "screening"]), name="submission_kind"),
            models.CheckConstraint(
                condition=models.Q(status__in=["new", "in-review", "contacted", "scheduled", "declined", "closed"]),
                name="submission_status",
            ),
            models.CheckConstraint(
                condition=models.Q(risk__in=[0, 1, 2], open_risk__lte=models.F("risk")), name="submission_risk"
            ),
            models.CheckConstraint(
                condition=models.Q(open_risk=0) | models.Q(status__in=["new", "in-review", "contacted"]),
                name="submission_with_an_unresolved_alert_is_open",
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

    @contextmanager
    def unchanged_since(self, event_id: int, *, by: User) -> Iterator[None]:
        """Hold the row for a change by somebody whose page showed the events up to `event_id`.

        Raises Conflict when others have changed it since.
        """
        with transaction.atomic():
            Submission.objects.select_for_update().only("pk").get(pk=self.pk)
            others = self.events.changes().filter(pk__gt=event_id, actor__isnull=False).exclude(actor=by)
            if events := list(others.select_related("actor")):
                raise Conflict(events)
            yield

    @transaction.atomic
    def assign(self, to: User | None, *, by: User) -> None:
        """Give it to a member of staff, or to nobody. Saves."""
        self.assignee = to
        self.save(update_fields=["assignee"])
        self.record(AuditEvent.Action.ASSIGNED, by=by, detail=f"to {to or 'nobody'}")

    @transaction.atomic
    def log_contact(self, key: uuid.UUID, *, channel: str, outcome: str, next_on: date | None, by: User) -> None:
        """Record a try to reach the person, and when to try again. Saves; with the same key only once."""
        _, created = ContactAttempt.objects.get_or_create(
            pk=key, defaults={"submission": self, "channel": channel, "outcome": outcome, "by": by}
        )
        if created:
            self.next_contact_on = next_on
            self.save(update_fields=["next_contact_on"])
            self.record(AuditEvent.Action.CONTACT, by=by, detail=f"{channel}: {outcome}")

    @transaction.atomic
    def plan_contact(self, on: date | None, *, by: User) -> None:
        """Set the day on which somebody should try to reach the person, or none. Saves."""
        self.next_contact_on = on
        self.save(update_fields=["next_contact_on"])
        self.record(AuditEvent.Action.DUE, by=by, detail=str(on or "none"))

    @transaction.atomic
    def tag(self, tags: Iterable[Tag], *, by: User) -> None:
        """Let it have these tags and no others. Saves."""
        before, after = set(self.tags.all()), set(tags)
        self.tags.set(after)
        for sign, changed in (("+", after - before), ("-", before - after)):
            for one in sorted(changed, key=str):
                self.record(AuditEvent.Action.TAG, by=by, detail=f"{sign}{one}")

    @transaction.atomic
    def reply(self, reply: CannedReply, key: uuid.UUID, *, by: User) -> None:
        """Queue an e-mail to the person and keep what it says. Saves; with the same key only once."""
        subject, body = self.reply_text(reply, by=by)
        values = {"submission": self, "title": reply.title, "by": by, "subject": subject, "body": body}
        _, created = SentReply.objects.get_or_create(pk=key, defaults=values)
        if created:
            notices.reply(self, subject, body)
            self.record(AuditEvent.Action.REPLY, by=by, detail=reply.title)

    def reply_text(self, reply: CannedReply, *, by: User) -> tuple[str, str]:
        """Subject and body as they would be sent. Raises ValueError that says what is missing in the profile."""
        values = notices.reply_values(self, by)
        if missing := reply.missing(values):
            raise ValueError(f"This reply needs {' and '.join(missing)}, which the clinic profile lacks.")
        return filled(reply.subject, values), filled(reply.body, values)

    @transaction.atomic
    def add_note(self, text: str, *, by: User, key: uuid.UUID | None = None) -> Note:
        """Saves; with the same key only once."""
        note, created = Note.objects.get_or_create(
            pk=key or uuid.uuid4(), defaults={"submission": self, "author": by, "text": text}
        )
        if created:
            self.record(AuditEvent.Action.NOTE, by=by)
        return note

    def record(self, action: AuditEvent.Action, *, by: User | None, detail: str = "", reason: str = "") -> None:
        """Write down that `by` did `action`; None stands for the visitor."""
        audit.record(
            action,
            by=by,
            kind="submission",
            record=self.pk,
            reference=self.reference,
            detail=detail,
            reason=reason,
        )

    @property
    def events(self) -> AuditEventQuerySet:
        """What happened to it, and what became of the e-mails about it."""
        return AuditEvent.objects.filter(kind__in=["submission", "message"], record=str(self.pk))

    @property
    def last_change(self) -> int:
        """Id of the last event that changed it, or 0: what a page shows, and `unchanged_since` asks for."""
        return self.events.changes().order_by("-pk").values_list("pk", flat=True).first() or 0

    def seen_lately(self, *, by: User) -> list[AuditEvent]:
        """The last look of each other member of staff in the last minutes."""
        since = timezone.now() - self.SEEN_LATELY
        looks = self.events.filter(action=AuditEvent.Action.VIEWED, at__gte=since).exclude(actor=by)
        return list(looks.select_related("actor").order_by("actor", "-at").distinct("actor"))

    def settle_risk(self) -> None:
        """Take `open_risk` from the alerts that are not resolved. Saves."""
        unresolved = SafetyAlert.objects.unresolved().filter(submission=self).values_list("severity", flat=True)
        self.open_risk = risk_of(unresolved)
        self.save(update_fields=["open_risk"])

    @transaction.atomic
    def _move(self, to: Status, allowed: set[Any], by: User) -> None:
        """Change the status from one of `allowed`, and record it. Saves.

        Raises InvalidTransition, and UnresolvedAlert for leaving the open statuses while an alert is unresolved.
        """
        found = Submission.objects.select_for_update().only("status", "open_risk").get(pk=self.pk)
        stored = found.status
        if stored not in allowed:
            raise InvalidTransition(f"from {stored} to {to}")
        if found.open_risk and to not in self.OPEN:
            raise UnresolvedAlert(f"from {stored} to {to}")
        self.status = to
        self.save(update_fields=["status"])
        self.record(AuditEvent.Action.STATUS, by=by, detail=f"{stored} -> {to}")
