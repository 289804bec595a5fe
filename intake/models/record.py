import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from clinic.audit import AppendOnly
from clinic.fields import EncryptedTextField


class Note(AppendOnly):
    """What a member of staff wrote about a submission."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey("intake.Submission", on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class ContactAttempt(AppendOnly):
    """One try of a member of staff to reach the person."""

    class Channel(models.TextChoices):
        CALL = "call", "Phone call"
        EMAIL = "email", "E-mail"
        TEXT = "text", "Text message"
        LETTER = "letter", "Letter"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        LEFT_MESSAGE = "left-message", "Left a message without details"
        NO_ANSWER = "no-answer", "No answer"
        SENT = "sent", "Sent, no answer yet"
        WRONG = "wrong", "Wrong number or address"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey("intake.Submission", on_delete=models.CASCADE, related_name="attempts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    channel = models.CharField(max_length=10, choices=Channel)
    outcome = models.CharField(max_length=20, choices=Outcome)

    class Meta:
        ordering: ClassVar = ["at"]

    def __str__(self) -> str:
        return f"Contact attempt {self.pk}"
