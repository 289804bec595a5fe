"""Who did what to which record, when and from where: rows that are only ever added, and the chain that proves it.

Triggers refuse UPDATE, DELETE and TRUNCATE, and the role that the application runs as lacks the privileges for them.
The worker seals new rows in batches: a seal's digest covers its rows and the seal before it, and its mark needs a key
of FIELD_KEYS, so that whoever can write to the database cannot make up a chain of their own.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Max
from django.db.models.functions import Now

from clinic import crypto

WRITERS, SEALER = 7_310_501, 7_310_502  # PostgreSQL's advisory locks; the migration's trigger names the first
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 5_000  # rows a seal covers at most
STATEMENT = 1_000  # rows an INSERT holds at most

_address: ContextVar[str | None] = ContextVar("address", default=None)


@contextmanager
def during_request(address: str | None) -> Iterator[None]:
    """Let every event that staff cause meanwhile carry the address that the request came from."""
    token = _address.set(address or None)
    try:
        yield
    finally:
        _address.reset(token)


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


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def changes(self) -> Self:
        """What changed the state of a submission, not who looked at it."""
        return self.filter(action__in=AuditEvent.CHANGES)


class AuditEvent(AppendOnly):
    """One row of the record. It holds codes, ids and names of staff, and no patient data."""

    class Action(models.TextChoices):
        RECEIVED = "received", "Received"
        VIEWED = "viewed", "Looked at"
        STATUS = "status", "Status changed"
        ASSIGNED = "assigned", "Assigned"
        DUE = "due", "Next contact planned"
        CONTACT = "contact", "Contact tried"
        REPLY = "reply", "Reply chosen"
        EMAIL = "email", "E-mail"
        NOTE = "note", "Note added"
        TAG = "tag", "Tag set or taken away"
        LINK = "link", "Same person confirmed or refused"
        ALERT = "alert", "Safety alert"
        LISTED = "listed", "List looked at"
        SEARCHED = "searched", "Searched"
        PRINTED = "printed", "Printed"
        EXPORTED = "exported", "Exported"
        SIGNED_IN = "signed-in", "Signed in"
        SIGN_IN_FAILED = "sign-in-failed", "Sign-in failed"
        SIGNED_OUT = "signed-out", "Signed out"
        PASSWORD = "password", "Password changed"
        FACTOR = "factor", "Second factor changed"
        INVITED = "invited", "Invited"
        ROLE = "role", "Role changed"
        ACCOUNT = "account", "Account changed"
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        DELETED = "deleted", "Deleted"

    CHANGES: ClassVar = (
        Action.STATUS,
        Action.ASSIGNED,
        Action.DUE,
        Action.CONTACT,
        Action.REPLY,
        Action.TAG,
        Action.LINK,
        Action.ALERT,
    )

    at = models.DateTimeField("when", db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="who", on_delete=models.PROTECT, null=True, related_name="+"
    )
    action = models.CharField("what", max_length=20, choices=Action)
    kind = models.CharField("kind of record", max_length=30, blank=True)
    record = models.CharField("id of the record", max_length=40, blank=True)
    reference = models.CharField("which record", max_length=200, blank=True)
    address = models.GenericIPAddressField("from where", null=True)
    detail = models.CharField(max_length=200, blank=True)
    reason = models.CharField("why", max_length=40, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name_plural = "audit record"
        indexes: ClassVar = [
            models.Index(fields=["kind", "record", "id"], name="audit_of_a_record"),
            models.Index(fields=["actor", "id"], name="audit_of_a_person"),
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["reference", "id"], name="audit_by_reference"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.reference}".strip()

    @property
    def canonical(self) -> bytes:
        """The row as its seal covers it; times count as microseconds, because their text depends on the zone."""
        values = [getattr(self, field.attname) for field in self._meta.concrete_fields if field.attname != "at"]
        microseconds = (self.at - EPOCH) // timedelta(microseconds=1)
        return json.dumps([*values, microseconds], separators=(",", ":")).encode()


def record(
    action: AuditEvent.Action,
    *,
    by: models.Model | None,
    kind: str = "",
    record: object = "",
    reference: str = "",
    detail: str = "",
    reason: str = "",
) -> None:
    """Write down what happened. `by` is a member of staff; None is a visitor, the system or somebody unknown.

    Where from is kept for staff and for failed sign-ins, never for a visitor. Saves.
    """
    _event(action, by, kind, record, reference, detail, reason).save()


def record_many(
    action: AuditEvent.Action,
    rows: Iterable[tuple[object, str]],
    *,
    by: models.Model | None,
    kind: str,
    detail: str = "",
    reason: str = "",
) -> None:
    """Write down the same of many rows, each given by its id and reference, all or none. Saves."""
    events = [_event(action, by, kind, row, reference, detail, reason) for row, reference in rows]
    AuditEvent.objects.bulk_create(events, batch_size=STATEMENT)


def _event(
    action: AuditEvent.Action,
    by: models.Model | None,
    kind: str,
    record: object,
    reference: str,
    detail: str,
    reason: str,
) -> AuditEvent:
    told = by is not None or action == AuditEvent.Action.SIGN_IN_FAILED
    return AuditEvent(
        actor_id=by.pk if by else None,
        action=action,
        kind=kind,
        record=str(record),
        reference=reference[:200],
        address=_address.get() if told else None,
        detail=detail[:200],
        reason=reason,
    )


class Seal(AppendOnly):
    """The events from `first` to `last`, of which there were `rows` when they were sealed."""

    first = models.BigIntegerField(unique=True)
    last = models.BigIntegerField(unique=True)
    rows = models.PositiveIntegerField()
    digest = models.CharField("SHA-256 of the seal before and the rows", max_length=64)
    mark = models.BinaryField("blind index of the digest")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering: ClassVar = ["first"]

    def __str__(self) -> str:
        return f"Seal of {self.first} to {self.last}"

    @property
    def is_ours(self) -> bool:
        return bytes(self.mark) in crypto.blind_indexes(self.digest, MARK)


MARK = "clinic_seal.mark"


def seal() -> int:
    """Seal what is new, one batch after another; return the number of rows. Saves.

    Two workers do not seal at once: the second finds nothing to do.
    """
    sealed = 0
    newest = _newest()
    while newest and (rows := _seal_batch(newest)):
        sealed += rows
    return sealed


@transaction.atomic
def _newest() -> int | None:
    """The highest id below which no row can still appear: every writer that has an id has ended.

    Waits for those writers at most 2 s, during which new ones wait too; raises OperationalError after that.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
    newest: int | None = AuditEvent.objects.aggregate(newest=Max("pk"))["newest"]
    return newest


@transaction.atomic
def _seal_batch(newest: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        if not cursor.fetchone()[0]:
            return 0
    before = Seal.objects.order_by("-first").first()
    first = before.last + 1 if before else 1
    rows = list(AuditEvent.objects.filter(pk__gte=first, pk__lte=newest).order_by("pk")[:BATCH])
    if rows:
        digest = chained(before.digest if before else "", rows)
        mark = crypto.blind_index(digest, MARK)
        Seal.objects.create(first=first, last=rows[-1].pk, rows=len(rows), digest=digest, mark=mark)
    return len(rows)


def chained(before: str, rows: list[AuditEvent]) -> str:
    """Return the digest of a seal: SHA-256 of the digest before it and of its rows, a line each."""
    digest = hashlib.sha256(before.encode())
    for row in rows:
        digest.update(b"\n" + row.canonical)
    return digest.hexdigest()


def faults() -> Iterator[str]:
    """What is wrong with the record, a sentence each: rows that were changed, removed or put in later."""
    before, last = "", 0
    newest: Seal | None = None
    for newest in Seal.objects.order_by("first").iterator():
        rows = list(AuditEvent.objects.filter(pk__gte=newest.first, pk__lte=newest.last).order_by("pk"))
        if newest.first != last + 1:
            yield f"The seals between event {last} and event {newest.first} are missing."
        elif len(rows) != newest.rows:
            yield f"Of the events {newest.first} to {newest.last}, {newest.rows} were sealed and {len(rows)} are there."
        elif chained(before, rows) != newest.digest:
            yield f"An event between {newest.first} and {newest.last} was changed after it had been sealed."
        before, last = newest.digest, newest.last
    if newest and not newest.is_ours:
        yield "The newest seal was not made with a key of FIELD_KEYS."
