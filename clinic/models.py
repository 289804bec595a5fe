import secrets
import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils import timezone

from clinic import audit, crypto
from clinic.audit import AuditEvent, Seal
from clinic.fields import EncryptedTextField

__all__ = [
    "EMAIL_TAKEN",
    "AuditEvent",
    "ClinicProfile",
    "CrisisLine",
    "Heartbeat",
    "Invitation",
    "Message",
    "Seal",
    "Tally",
    "User",
    "UserManager",
]


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.present().get(email=self.model.normalize_username(username or ""))

    def present(self) -> "models.QuerySet[User]":
        """Every account but the deleted ones, whose rows stay for the records that name them."""
        return self.filter(deleted_at=None)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.model.normalize_username(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


EMAIL_TAKEN = "Somebody has an account with this address already."


class User(AbstractUser):
    """A member of staff; patients have no accounts."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address")
    sign_outs = models.PositiveIntegerField("how often every session was ended", default=0, editable=False)
    deleted_at = models.DateTimeField("deleted", null=True, blank=True, editable=False)

    authenticator_set: Any  # second factors and recovery codes, of allauth

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(deleted_at=None),
                name="user_email_is_unique",
                violation_error_message=EMAIL_TAKEN,
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(is_active=False), name="user_deleted_is_not_active"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return super().normalize_username(username).strip().lower()

    @property
    def has_second_factor(self) -> bool:
        """Recovery codes stand in for a factor that is lost; they are none themselves."""
        return bool(self.authenticator_set.exclude(type="recovery_codes").exists())

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session keeps and must still be true: the password, and that nothing ended the sessions since."""
        return f"{super()._get_session_auth_hash(secret)}.{self.sign_outs}"  # type: ignore[misc]

    def sign_out_everywhere(self) -> None:
        """End every session, and every sign-in that has not come to its second factor. Saves."""
        User.objects.filter(pk=self.pk).update(sign_outs=models.F("sign_outs") + 1)
        self.refresh_from_db(fields=["sign_outs"])

    @property
    def role_names(self) -> list[str]:
        return sorted(self.groups.values_list("name", flat=True))

    def roles_changed(self, before: list[str], *, by: "User") -> None:
        """Sign the person out, so that the new role holds at once. Saves."""
        self.sign_out_everywhere()
        old, new = (", ".join(names) or "none" for names in (before, self.role_names))
        self.record(AuditEvent.Action.ROLE, by=by, detail=f"{old} -> {new}")

    def activity_changed(self, *, by: "User") -> None:
        """Follow `is_active`, which was saved just now: sessions and links end. Saves."""
        self.sign_out_everywhere()
        Invitation.objects.filter(user=self).delete()
        self.record(AuditEvent.Action.ACCOUNT, by=by, detail="activated" if self.is_active else "deactivated")

    def reset_factors(self, *, by: "User") -> None:
        """Take away every second factor and recovery code; the next sign-in must set one up. Saves."""
        self.authenticator_set.all().delete()
        self.sign_out_everywhere()
        self.record(AuditEvent.Action.FACTOR, by=by, detail="all taken away")

    @transaction.atomic
    def delete_account(self, *, by: "User") -> None:
        """End the account for good; the row stays, so that every record keeps naming it. Saves."""
        self.is_active, self.deleted_at = False, timezone.now()
        self.set_unusable_password()
        self.save(update_fields=["is_active", "deleted_at", "password"])
        self.groups.clear()
        self.user_permissions.clear()
        self.authenticator_set.all().delete()
        Invitation.objects.filter(user=self).delete()
        self.sign_out_everywhere()
        self.record(AuditEvent.Action.ACCOUNT, by=by, detail="deleted")

    def record(self, action: AuditEvent.Action, *, by: "User | None", detail: str = "") -> None:
        """Write down what happened to this account. Saves."""
        audit.record(action, by=by, kind="user", record=self.pk, reference=str(self), detail=detail)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def issue(self, user: User, *, by: User | None) -> str:
        """Return the address of a new link for this person, which ends an older one. Saves."""
        token = secrets.token_urlsafe(32)
        fresh = {
            "token_hash": crypto.token_hash(token),
            "invited_by": by,
            "expires_at": timezone.now() + timedelta(days=Invitation.KEEP_DAYS),
        }
        self.update_or_create(user=user, defaults=fresh)
        user.record(AuditEvent.Action.INVITED, by=by, detail="link made")
        return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"

    def open(self, token: str) -> Self:
        """The invitation that this token still opens, if it does."""
        return self.filter(
            token_hash=crypto.token_hash(token), expires_at__gt=timezone.now(), user__is_active=True
        ).select_related("user")

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class Invitation(models.Model):
    """A link with which one person sets a password, once. Using it deletes the row."""

    KEEP_DAYS: ClassVar = 3

    user = models.OneToOneField(User, on_delete=models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def use(self) -> bool:
        """Use the link up; False when another request was faster, or a newer link has replaced it. Saves."""
        return bool(Invitation.objects.filter(pk=self.pk, token_hash=self.token_hash).delete()[0])


class TallyQuerySet(models.QuerySet["Tally"]):
    def expired(self) -> Self:
        return self.filter(ends_at__lte=timezone.now())


class Tally(models.Model):
    """How often something was tried since its window began. clinic/limits.py counts."""

    key = models.CharField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    objects = TallyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key


class ClinicProfile(models.Model):
    """What the site says of the clinic: one row. Templates leave out what is empty."""

    name = models.CharField(max_length=200, default="Park Slope Ketamine")
    physician = models.CharField(max_length=200, blank=True, default="David Salvage, M.D., FAPM")
    address = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("public e-mail address", blank=True)
    hours = models.TextField("opening hours", blank=True)
    reading_times = models.CharField(
        "when staff read forms",
        max_length=200,
        blank=True,
        help_text="Completes “Staff read forms …”, for example “on weekdays from 9 am to 5 pm”. "
        "Promise only what is kept.",
    )
    reply_within = models.CharField(
        "how soon staff reply",
        max_length=200,
        blank=True,
        help_text="Completes “We reply …”, for example “within two working days”. Promise only what is kept.",
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

    class Meta:
        verbose_name = "clinic profile"
        verbose_name_plural = "clinic profile"
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="clinic_profile_is_one_row")]

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
    """When the worker last said that it runs: one row a kind of process."""

    LATE_AFTER: ClassVar = timedelta(minutes=3)

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now()})

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
        """Given up in the last days, or still not sent when it should long have been."""
        now = timezone.now()
        given_up = models.Q(failed_at__gte=now - timedelta(days=Message.TROUBLE_DAYS))
        late = models.Q(sent_at=None, failed_at=None, created_at__lt=now - Message.LATE_AFTER)
        return self.filter(given_up | late)

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
