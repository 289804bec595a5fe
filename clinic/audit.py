"""Who did what to which record, when and from where: rows that are only ever added.

Triggers refuse UPDATE, DELETE and TRUNCATE, and the role that the application runs as lacks the privileges for them.
clinic/seals.py proves that it stayed so. What is older than AUDIT_YEARS its owner may delete: clinic/cut.py.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self, TypedDict, Unpack

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now

from clinic.database.inserting import Row, insert

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STATEMENT = 10_000  # rows an INSERT holds at most
AUDIT_YEARS = 6  # an event is kept so long at least; a trigger of the migration 0007 says the same

_encode = json.JSONEncoder(separators=(",", ":")).encode

SHARED = ("actor_id", "action", "kind", "address", "detail", "reason")  # by events of the same, with other records
MANY = (
    f"INSERT INTO clinic_auditevent ({', '.join(SHARED)}, record, reference) "  # nosec B608 # our own names
    "SELECT %s, %s, %s, %s, %s, %s, one.id, one.reference FROM unnest(%s, %s) AS one (id, reference)"
)

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
        HOLD = "hold", "Legal hold"
        ERASURE = "erasure", "Erasure"
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
        REFUSED = "refused", "Refused"
        CUT = "cut", "Oldest events deleted"

    CHANGES: ClassVar = (
        Action.STATUS,
        Action.ASSIGNED,
        Action.DUE,
        Action.CONTACT,
        Action.REPLY,
        Action.TAG,
        Action.LINK,
        Action.ALERT,
        Action.HOLD,
        Action.ERASURE,
    )

    at = models.DateTimeField("when", db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="who",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,  # another index begins with it
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
        return _encode([*values, microseconds]).encode()


class EventDetails(TypedDict, total=False):
    kind: str  # of record
    record: object  # its id
    reference: str
    detail: str
    reason: str


def event(action: AuditEvent.Action, *, by: models.Model | None, **details: Unpack[EventDetails]) -> Row:
    """What happened, for `insert` to write down together with the rows that it happened to.

    `by` is a member of staff; None is a visitor, the system or somebody unknown. Where from is kept for staff and for
    failed sign-ins, never for a visitor. It is no object: somebody waits for the end of a form.
    """
    told = by is not None or action == AuditEvent.Action.SIGN_IN_FAILED
    return Row(
        AuditEvent,
        {
            "actor_id": by.pk if by else None,
            "action": action,
            "kind": details.get("kind", ""),
            "address": _address.get() if told else None,
            "detail": details.get("detail", "")[:200],
            "reason": details.get("reason", ""),
            "record": str(details.get("record", "")),
            "reference": details.get("reference", "")[:200],
        },
    )


def record(action: AuditEvent.Action, *, by: models.Model | None, **details: Unpack[EventDetails]) -> None:
    """Write an event down by itself. Saves."""
    insert(event(action, by=by, **details))


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
    of_all = event(action, by=by, kind=kind, detail=detail, reason=reason).values
    values = [of_all[column] for column in SHARED]
    told = [(str(row), reference[:200]) for row, reference in rows]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for start in range(0, len(told), STATEMENT):
            ids, references = zip(*told[start : start + STATEMENT], strict=True)
            cursor.execute(MANY, [*values, list(ids), list(references)])
