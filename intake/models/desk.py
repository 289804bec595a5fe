"""What makes the review desk quick: tags, ready-made replies, and filters that staff keep."""

import re
import uuid
from collections.abc import Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from clinic.audit import AppendOnly
from clinic.fields import EncryptedTextField
from clinic.models import ClinicProfile, User


class Tag(models.Model):
    """A word that managers offer for submissions; it says what to do, never what somebody has."""

    name = models.CharField(max_length=30, unique=True, help_text="Such as “interpreter” or “call after 5 pm”.")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
TELLING = ("ketamine", "ketamina", "spravato", "infusion", "depress", "depresi", "suicid", "psychiatr", "psiquiatr")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values in place of {reference} and so on. Raises KeyError for a placeholder without a value."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


class CannedReply(models.Model):
    """An e-mail that staff send as it is; others in the household may see it, so it names no clinic and no illness."""

    PLACEHOLDERS: ClassVar = {
        "reference": "the submission's reference",
        "staff": "the name of whoever sends it",
        "phone": "the clinic's phone number",
        "reading_times": "when staff read forms",
        "reply_within": "how soon staff reply",
        "site": "the address of the site",
    }

    title = models.CharField(max_length=100, help_text="For staff, who choose by it.")
    language = models.CharField(max_length=10, default="en")
    subject = models.CharField(max_length=150)
    body = models.TextField(max_length=4000)
    is_active = models.BooleanField("offered", default=True)

    class Meta:
        ordering: ClassVar = ["title"]
        verbose_name = "reply"
        verbose_name_plural = "replies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["title", "language"], name="reply_title_once_in_each_language")
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        errors = {name: self._faults(getattr(self, name)) for name in ("subject", "body")}
        if any(errors.values()):
            raise ValidationError({name: found for name, found in errors.items() if found})

    def _faults(self, text: str) -> list[str]:
        unknown = [name for name in PLACEHOLDER.findall(text) if name not in self.PLACEHOLDERS]
        profile = ClinicProfile.load()
        told = [word for word in (*TELLING, profile.name, profile.physician) if word and word.lower() in text.lower()]
        return [
            *(f"There is no placeholder {{{name}}}. Use one of those named below the text." for name in unknown),
            *(f"Leave “{word}” out: the e-mail may be seen by others in the household." for word in told),
        ]

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """What the placeholders stand for that is still empty, in words."""
        used = dict.fromkeys(PLACEHOLDER.findall(self.subject + self.body))
        return [self.PLACEHOLDERS[name] for name in used if not values[name]]


class SentReply(AppendOnly):
    """A reply as it was sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey("intake.Submission", on_delete=models.CASCADE, related_name="replies")
    title = models.CharField(max_length=100)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    subject = EncryptedTextField()
    body = EncryptedTextField()

    class Meta:
        ordering: ClassVar = ["at"]

    def __str__(self) -> str:
        return f"Reply {self.pk}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, user: User) -> Self:
        """The user's own and those that colleagues share."""
        return self.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")


class SavedView(models.Model):
    """A filter of the list under a name; `query` is the list's address after the question mark."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500, blank=True)
    is_shared = models.BooleanField("shared with colleagues", default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_name_once_for_each_person")
        ]

    def __str__(self) -> str:
        return self.name
