import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from clinic.models import AuditEvent, User
from intake import fhir
from intake.models.record import Note

if TYPE_CHECKING:
    from intake.models.submission import Submission


def label_of(code: str) -> str:
    return code.replace("-", " ").capitalize()


class AlreadyDone(Exception):
    """Someone else has acknowledged or resolved the alert in the meantime."""


class SafetyAlertQuerySet(models.QuerySet["SafetyAlert"]):
    def unresolved(self) -> Self:
        return self.exclude(status=SafetyAlert.Status.RESOLVED)

    def counted(self) -> Self:
        """Each with the number of them all."""
        return self.annotate(in_all=models.Window(models.Count("*")))

    def most_pressing_first(self) -> Self:
        """Urgent ones first, of these what nobody has acknowledged, then the longest waiting."""
        return self.order_by("-severity", "-status", "raised_at", "pk")  # "open" sorts after "acknowledged"

    def unseen(self) -> Self:
        """Alerts that nobody has acknowledged."""
        return self.unresolved().filter(status=SafetyAlert.Status.OPEN)  # of the first there is an index

    def unseen_for(self, minutes: int) -> Self:
        """Of these, those of which nobody was told for so long, by the database's clock."""
        return self.unseen().filter(told_at__lte=Now() - timedelta(minutes=minutes))


class SafetyAlert(models.Model):
    """A risky answer, raised when the submission was received; stays open until a named person has dealt with it."""

    class Severity(models.TextChoices):
        URGENT = "urgent", "Urgent"
        ROUTINE = "routine", "Routine"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    class Outcome(models.TextChoices):
        SAFE = "reached-safe", "Reached, and safe for now"
        EMERGENCY = "emergency-care", "Referred to emergency care"
        CARE_TEAM = "care-team", "Handed over to the person's own care team"
        NOT_REACHED = "not-reached", "Not reached after several attempts"
        NO_RISK = "no-risk", "Reached: the answer was a mistake or is not about risk"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(
        "intake.Submission",
        on_delete=models.CASCADE,
        related_name="alerts",
        db_index=False,  # another index begins with it
    )
    code = models.CharField(max_length=100)
    severity = models.CharField(max_length=10, choices=Severity)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    raised_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField("staff last told", db_default=Now())
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    note = models.ForeignKey(Note, on_delete=models.RESTRICT, null=True, blank=True, related_name="+")

    in_all: int  # set by SafetyAlertQuerySet.counted

    objects = SafetyAlertQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-severity", "code"]
        permissions: ClassVar = [("resolve_safetyalert", "Can resolve safety alerts")]
        indexes: ClassVar = [
            models.Index(fields=["raised_at"], condition=~models.Q(status="resolved"), name="alert_unresolved"),
            models.Index(fields=["raised_at"], name="alert_raised"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "code"], name="alert_once_a_submission"),
            models.CheckConstraint(condition=models.Q(severity__in=["urgent", "routine"]), name="alert_severity"),
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "acknowledged", "resolved"]), name="alert_status"
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", acknowledged_by=None, acknowledged_at=None)
                | (~models.Q(status="open") & models.Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False)),
                name="alert_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=(~models.Q(status="resolved") & models.Q(resolved_by=None, resolved_at=None, outcome=""))
                | (models.Q(status="resolved", resolved_by__isnull=False, note__isnull=False) & ~models.Q(outcome="")),
                name="alert_resolved_by_somebody_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.severity})"

    @classmethod
    def all_of(cls, submission: "Submission", alerts: Iterable[fhir.Alert]) -> list["SafetyAlert"]:
        """New rows: one for each code, urgent if any alert of it is."""
        severities: dict[str, str] = {}
        for alert in alerts:
            if severities.get(alert.code) != cls.Severity.URGENT:
                severities[alert.code] = alert.severity
        return [cls(submission=submission, code=code, severity=severity) for code, severity in severities.items()]

    @property
    def label(self) -> str:
        return label_of(self.code)

    @transaction.atomic
    def acknowledge(self, *, by: User) -> None:
        """Record that `by` takes care of it, which ends the reminders. Saves; raises AlreadyDone."""
        self._lock(self.Status.OPEN)
        self._acknowledge(by)
        self.save()
        self._record("acknowledged", by)

    @transaction.atomic
    def resolve(self, *, by: User, outcome: str, text: str) -> None:
        """Record how it ended, with a note to the submission. Saves; raises AlreadyDone."""
        self._lock(self.Status.OPEN, self.Status.ACKNOWLEDGED)
        if self.status == self.Status.OPEN:
            self._acknowledge(by)
        self.status, self.outcome = self.Status.RESOLVED, self.Outcome(outcome)
        self.resolved_by, self.resolved_at = by, timezone.now()
        self.note = self.submission.add_note(text, by=by)
        self.save()
        self.submission.settle_risk()
        self._record("resolved", by)

    def _lock(self, *expected: Status) -> None:
        """Let nobody else change it, or its submission, until the transaction ends."""
        type(self.submission).objects.select_for_update().only("pk").get(pk=self.submission_id)
        self.refresh_from_db()
        if self.status not in expected:
            raise AlreadyDone(self.status)

    def _acknowledge(self, by: User) -> None:
        self.status = self.Status.ACKNOWLEDGED
        self.acknowledged_by, self.acknowledged_at = by, timezone.now()

    def _record(self, what: str, by: User) -> None:
        """Which answer raised it, and how it ended, stays with the alert: the record holds no patient data."""
        self.submission.record(AuditEvent.Action.ALERT, by=by, detail=what)
