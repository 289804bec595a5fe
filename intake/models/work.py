"""What staff do about a submission: each step is a method, refused or kept once, and on record."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from clinic import audit
from clinic.audit import AuditEventQuerySet
from clinic.database.inserting import Row, insert
from clinic.models import AuditEvent, User
from intake.models.desk import SentReply, Tag
from intake.models.record import ContactAttempt, Note

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Conflict(Exception):
    """Others changed the submission since the user's page was made; `events` say how."""

    def __init__(self, events: Sequence[AuditEvent]) -> None:
        super().__init__(f"{len(events)} changes by others")
        self.events = events


class Erased(Exception):
    """The submission was erased: nothing of it is left to change, to show or to export."""


class Workable(models.Model):
    """The part of a submission that staff write; what the visitor sent is in the class below it."""

    SEEN_LATELY: ClassVar = timedelta(minutes=5)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,  # another index begins with it
    )
    next_contact_on = models.DateField("next contact due", null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="+")
    first_seen_at = models.DateTimeField("first look by staff", null=True, blank=True, editable=False)
    first_contact_at = models.DateTimeField("first try to reach the person", null=True, blank=True, editable=False)
    erased_at = models.DateTimeField("erased", null=True, editable=False)

    if TYPE_CHECKING:
        reference: models.CharField[str, str]
        notes: RelatedManager[Note]
        attempts: RelatedManager[ContactAttempt]
        replies: RelatedManager[SentReply]

    class Meta:
        abstract = True

    @contextmanager
    def unchanged_since(self, event_id: int, *, by: User) -> Iterator[None]:
        """Hold the row for a change by somebody whose page showed the events up to `event_id`.

        Raises Conflict when others have changed it since, and Erased when nothing is left to change.
        """
        with transaction.atomic():
            if type(self)._base_manager.select_for_update().only("erased_at").get(pk=self.pk).erased_at:
                raise Erased(self.reference)
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
            pk=key, defaults={"submission_id": self.pk, "channel": channel, "outcome": outcome, "by": by}
        )
        if created:
            self.next_contact_on = next_on
            self.save(update_fields=["next_contact_on"])
            self._first_contact()
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
    def add_note(self, text: str, *, by: User, key: uuid.UUID | None = None) -> Note:
        """Saves; with the same key only once."""
        note, created = Note.objects.get_or_create(
            pk=key or uuid.uuid4(), defaults={"submission_id": self.pk, "author": by, "text": text}
        )
        if created:
            self.record(AuditEvent.Action.NOTE, by=by)
        return note

    def event(self, action: AuditEvent.Action, *, by: User | None, detail: str = "", reason: str = "") -> Row:
        """That `by` did `action`, for `insert`; None stands for the visitor."""
        return audit.event(
            action,
            by=by,
            kind="submission",
            record=self.pk,
            reference=self.reference,
            detail=detail,
            reason=reason,
        )

    def record(self, action: AuditEvent.Action, *, by: User | None, detail: str = "", reason: str = "") -> None:
        """Write an event down by itself. Saves."""
        insert(self.event(action, by=by, detail=detail, reason=reason))

    def look(self, *, by: User, detail: str = "") -> None:
        """Record that `by` has it in front of them, and when staff first had. Saves."""
        self._first("first_seen_at")
        self.record(AuditEvent.Action.VIEWED, by=by, detail=detail)

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

    def is_with_others(self, *, by: User) -> bool:
        """Whether it is assigned to somebody else, or others wrote a note or looked at it in the last minutes."""
        noted = self.notes.exclude(author=by).exists()
        return self.assignee_id not in (None, by.pk) or noted or bool(self.seen_lately(by=by))

    def _first_contact(self) -> None:
        """Keep when staff first tried to reach the person. Saves."""
        self._first("first_contact_at")

    def _first(self, field: str) -> None:
        """Keep now in `field`, unless a time is there. Saves."""
        if getattr(self, field) is None:
            type(self)._base_manager.filter(pk=self.pk, **{field: None}).update(**{field: timezone.now()})
            self.refresh_from_db(fields=[field])
