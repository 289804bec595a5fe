import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from clinic.accounts import Invitation, User, UserManager
from clinic.audit import AUDIT_YEARS, AuditEvent
from clinic.fields import EncryptedTextField
from clinic.limits import Tally
from clinic.seals import Seal

__all__ = [
    "AuditEvent",
    "ClinicProfile",
    "CrisisLine",
    "Heartbeat",
    "Invitation",
    "Message",
    "MessageQuerySet",
    "Seal",
    "Tally",
    "User",
    "UserManager",
]


class ClinicProfile(models.Model):
    """What the site says of the clinic: one row. Templates leave out what is empty."""

    name = models.CharField(max_length=200, default="Park Slope Ketamine")
    physician = models.CharField(max_length=200, blank=True, default="David Salvage, M.D., FAPM")
    address = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("public e-mail address", blank=True)
    hours = models.TextField("opening hours", blank=True)
    hours_es = models.TextField("opening hours in Spanish", blank=True)
    reading_times = models.CharField(
        "when staff read forms",
        max_length=200,
        blank=True,
        help_text="Completes “Staff read forms …”, for example “on weekdays from 9 am to 5 pm”. "
        "Promise only what is kept.",
    )
    reading_times_es = models.CharField(
        "when staff read forms, in Spanish",
        max_length=200,
        blank=True,
        help_text="Completes “El personal lee los formularios …”.",
    )
    reply_within = models.CharField(
        "how soon staff reply",
        max_length=200,
        blank=True,
        help_text="Completes “We reply …”, for example “within two working days”. Promise only what is kept.",
    )
    reply_within_es = models.CharField(
        "how soon staff reply, in Spanish", max_length=200, blank=True, help_text="Completes “Respondemos …”."
    )
    confirmed_on = models.DateField(
        "the clinic confirmed all this on",
        null=True,
        blank=True,
        help_text="Name, physician, address, telephone and hours, compared with the clinic's own papers and "
        "the state's licence record. Until then the site does not describe the clinic to search engines.",
    )
    review_grace_days = models.PositiveSmallIntegerField(
        "days until readers are told of an overdue review",
        default=30,
        help_text="A page whose next clinical review is longer past than this says so to its readers.",
    )
    alert_emails = models.TextField(
        "who is told of a safety alert",
        blank=True,
        help_text="E-mail addresses, one a line. The message holds a link and no patient data.",
    )
    escalation_emails = models.TextField(
        "who is told when nobody acknowledges it",
        blank=True,
        help_text="E-mail addresses, one a line. They are told together with those above, again and again.",
    )
    escalate_after_minutes = models.PositiveSmallIntegerField(
        "minutes until an alert is told again",
        default=30,
        validators=[MinValueValidator(5)],
        help_text="Counts day and night, also outside the opening hours.",
    )
    draft_days = models.PositiveSmallIntegerField(
        "days until an unsent screening is deleted",
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="1 to 30, counted from when it was last saved. The forms and e-mails say it.",
    )
    submission_months = models.PositiveSmallIntegerField(
        "months until a declined or closed submission is erased",
        default=24,
        validators=[MinValueValidator(3), MaxValueValidator(240)],
        help_text="3 to 240, counted from when it was last declined or closed. One on legal hold stays.",
    )
    audit_years = models.PositiveSmallIntegerField(
        "years until an event of the audit record is deleted",
        default=AUDIT_YEARS,
        validators=[MinValueValidator(AUDIT_YEARS), MaxValueValidator(30)],
        help_text="6 to 30; the database refuses less. Only “manage.py purge --audit” deletes them, run by the "
        "owner of the database.",
    )

    class Meta:
        verbose_name = "clinic profile"
        verbose_name_plural = "clinic profile"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="clinic_profile_is_one_row"),
            models.CheckConstraint(
                condition=models.Q(draft_days__gte=1, submission_months__gte=3, audit_years__gte=AUDIT_YEARS),
                name="clinic_profile_keeps_long_enough",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def load(cls) -> "ClinicProfile":
        """Return the one row with its crisis lines; the first migration made it."""
        return cls.objects.prefetch_related("crisis_lines").get(pk=1)

    @property
    def alert_recipients(self) -> list[str]:
        return self.alert_emails.split()

    @property
    def escalation_recipients(self) -> list[str]:
        """Everyone who is told of an alert that nobody has acknowledged, each once."""
        return list(dict.fromkeys(self.alert_emails.split() + self.escalation_emails.split()))


class CrisisLineQuerySet(models.QuerySet["CrisisLine"]):
    def stale(self) -> Self:
        """Lines that nobody has looked up for too long."""
        oldest = timezone.localdate() - timedelta(days=CrisisLine.VERIFIED_DAYS)
        return self.filter(verified_on__lt=oldest)


class CrisisLine(models.Model):
    """One way to get help now, shown on every page."""

    VERIFIED_DAYS: ClassVar = 180  # a number is looked up again after so many days

    profile = models.ForeignKey(ClinicProfile, on_delete=models.CASCADE, default=1, related_name="crisis_lines")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=100)
    label_es = models.CharField("label in Spanish", max_length=100, blank=True)
    call = models.CharField("number to call", max_length=30, blank=True)
    call_note = models.CharField(max_length=100, blank=True, help_text="For example “press 2”.")
    call_note_es = models.CharField("call note in Spanish", max_length=100, blank=True)
    text_to = models.CharField("number to text", max_length=30, blank=True)
    text_word = models.CharField("word to text", max_length=30, blank=True)
    chat_url = models.URLField(blank=True)
    in_help_panel = models.BooleanField(default=False, help_text="Also in the panel that follows a risky answer.")
    verified_on = models.DateField(help_text="The day on which someone last called or read the line's own page.")

    objects = CrisisLineQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(call="", text_to="", chat_url=""),
                name="crisis_line_can_be_reached",
            )
        ]

    def __str__(self) -> str:
        return self.label


class Heartbeat(models.Model):
    """When the worker last said that it runs, a backup was last whole, an unnamed proxy was last seen: one row each."""

    LATE_AFTER: ClassVar = timedelta(minutes=3)

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now()})

    @classmethod
    def seconds_since(cls, name: str) -> int | None:
        """How long ago that was; None for never."""
        beat = cls.objects.filter(name=name).first()
        return round((timezone.now() - beat.at).total_seconds()) if beat else None

    @classmethod
    def is_late(cls, name: str) -> bool:
        return not cls.objects.filter(name=name, at__gte=timezone.now() - cls.LATE_AFTER).exists()


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> Self:
        """Messages that are neither sent nor given up, due or not."""
        return self.filter(sent_at=None, failed_at=None)

    def due(self) -> Self:
        """What to send next, urgent messages first. The database's clock decides, so that all workers agree."""
        return self.waiting().filter(due_at__lte=Now()).order_by("-is_urgent", "due_at")

    def in_trouble(self) -> Self:
        """Given up in the last days, still not sent when it should long have been, or urgent and failed once."""
        now = timezone.now()
        given_up = models.Q(failed_at__gte=now - timedelta(days=Message.TROUBLE_DAYS))
        waits = models.Q(sent_at=None, failed_at=None)
        late = models.Q(created_at__lt=now - Message.LATE_AFTER) | models.Q(is_urgent=True) & ~models.Q(error="")
        return self.filter(given_up | waits & late)

    def given_up(self) -> Self:
        """Messages that were given up in the last days."""
        return self.filter(failed_at__gte=timezone.now() - timedelta(days=Message.TROUBLE_DAYS))

    def oldest_seconds(self) -> int | None:
        """How long ago the oldest of these was queued; None when there is none."""
        oldest = self.aggregate(oldest=models.Min("created_at"))["oldest"]
        return round((timezone.now() - oldest).total_seconds()) if oldest else None

    def expired(self) -> Self:
        """Messages that are done with; only the record that they existed is left of a sent one."""
        return self.filter(due_at__lt=timezone.now() - timedelta(days=Message.KEEP_DAYS)).exclude(
            sent_at=None, failed_at=None
        )


class Message(models.Model):
    """An e-mail in the outbox. Who gets it and what it says are encrypted, and emptied when it has been sent."""

    KEEP_DAYS: ClassVar = 90
    TROUBLE_DAYS: ClassVar = 7  # so long does the desk tell of a message that was given up
    LATE_AFTER: ClassVar = timedelta(minutes=10)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.CharField(max_length=50)
    about = models.UUIDField("id of the row it is about", null=True, blank=True, db_index=True)
    dedupe_key = models.CharField(max_length=100, null=True, blank=True, unique=True)
    is_urgent = models.BooleanField("urgent", default=False)
    recipient = EncryptedTextField(blank=True)
    subject = EncryptedTextField(blank=True)
    body = EncryptedTextField(blank=True)
    created_at = models.DateTimeField("queued", db_default=Now())
    due_at = models.DateTimeField(
        "next attempt",
        db_default=Now(),
        help_text="While a worker sends it: when another may take it over.",
    )
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField("sent", null=True, blank=True)
    failed_at = models.DateTimeField("given up", null=True, blank=True)
    error = models.CharField("last error", max_length=100, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(
                models.F("is_urgent").desc(),
                "due_at",
                condition=models.Q(sent_at=None, failed_at=None),
                name="message_waiting",
            ),
            models.Index(fields=["created_at"], name="message_queued"),
            models.Index(fields=["due_at"], name="message_done"),  # which purge asks for
            models.Index(fields=["failed_at"], condition=models.Q(failed_at__isnull=False), name="message_given_up"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(failed_at=None),
                name="message_sent_or_given_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.pk}"
