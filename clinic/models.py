from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):
    """A member of staff; patients have no accounts."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


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
        help_text="Completes “Staff read forms …”, for example “on weekdays from 9 am to 5 pm”. Promise only what is kept.",
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


class CrisisLine(models.Model):
    """One way to get help now, shown on every page."""

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

    class Meta:
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(call="", text_to="", chat_url=""), name="crisis_line_can_be_reached"
            )
        ]

    def __str__(self) -> str:
        return self.label
