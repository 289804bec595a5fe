import uuid
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from clinic.fields import EncryptedTextField


class AppendOnly(models.Model):
    """A row that is written once: what was said stays said, and a correction is a new row."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is append-only: add a new row instead")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is append-only: it is never deleted on its own")


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


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def changes(self) -> Self:
        """What changed the state of a submission, not who looked at it."""
        action = AuditEvent.Action
        return self.filter(action__in=[action.STATUS, action.ASSIGNED, action.CONTACT, action.ALERT])


class AuditEvent(AppendOnly):
    """Who did what to which submission, and when. Holds codes and no patient data."""

    class Action(models.TextChoices):
        RECEIVED = "received", "Received"
        VIEWED = "viewed", "Looked at"
        STATUS = "status", "Status changed"
        ASSIGNED = "assigned", "Assigned"
        CONTACT = "contact", "Contact tried"
        NOTE = "note", "Note added"
        ALERT = "alert", "Safety alert"
        EXPORTED = "exported", "Exported"

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action)
    submission = models.ForeignKey(
        "intake.Submission", on_delete=models.SET_NULL, null=True, db_constraint=False, related_name="events"
    )
    reference = models.CharField(max_length=20)
    detail = models.CharField(max_length=200, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [models.Index(fields=["submission", "at"], name="audit_of_a_submission")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.reference}"
