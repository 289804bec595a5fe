"""The chain that proves the audit record: which rows there were, and what they said.

The worker seals new rows in batches: a seal's digest covers its rows and the seal before it, and its mark needs a key
of FIELD_KEYS, so that whoever can write to the database cannot make up a chain of their own. Nothing is sealed on top
of a seal without such a mark. So the newest mark stands for the whole chain, and older ones, whose keys may be gone,
need no look.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from django.db import connection, models, transaction
from django.db.models import Max
from django.db.models.functions import Now

from clinic import crypto
from clinic.audit import AUDIT_YEARS, AppendOnly, AuditEvent

WRITERS, SEALER = 7_310_501, 7_310_502  # PostgreSQL's advisory locks; the migration's trigger names the first
BATCH = 5_000  # rows a seal covers at most
MARK = "clinic_seal.mark"
NOT_OURS = "The newest seal was not made with a key of FIELD_KEYS."
ON_TRUST = "sealed on from a seal of no key of FIELD_KEYS"  # detail of the event that says so

log = logging.getLogger(__name__)


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

    @property
    def is_by_newest_key(self) -> bool:
        return bytes(self.mark) == crypto.blind_index(self.digest, MARK)

    @classmethod
    def newest(cls) -> "Seal | None":
        return cls.objects.order_by("-first").first()


def seal(*, trusted: str = "") -> int:
    """Seal what is new, one batch after another; return the number of rows. Saves.

    Two workers do not seal at once: the second finds nothing to do. So does one whose newest seal no key of FIELD_KEYS
    made, unless its digest is `trusted`: a seal on top of it would make somebody's own chain look like ours.
    """
    sealed = 0
    newest = _newest()
    while newest and (rows := _seal_batch(newest, trusted)):
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
def _seal_batch(newest: int, trusted: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER])
        if not cursor.fetchone()[0]:
            return 0
    before = Seal.newest()
    if before and not before.is_ours and before.digest != trusted:
        log.error("The newest seal was not made with a key of FIELD_KEYS, so that nothing is sealed.")
        return 0
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


def newest_cut() -> AuditEvent | None:
    """When the oldest events were last deleted: up to the id `record`, whose seal had the digest `reference`."""
    return AuditEvent.objects.filter(action=AuditEvent.Action.CUT).order_by("-pk").first()


def _is_witnessed(cut: AuditEvent) -> bool:
    """Whether the first event that was left was old enough to go as well: then all before it were.

    No key is needed for this, and none can be lost: that event is sealed, so its time cannot be changed.
    """
    witness = AuditEvent.objects.filter(pk__gt=int(cut.record)).first()
    return witness is not None and witness.at <= cut.at - timedelta(days=365 * AUDIT_YEARS)


def newest_holds() -> bool:
    """Whether the newest seal is by a key of ours and its events are as they were; the others are not looked at."""
    newest, before = [*Seal.objects.order_by("-first")[:2], None, None][:2]
    if newest is None:
        return True
    rows = list(AuditEvent.objects.filter(pk__gte=newest.first, pk__lte=newest.last).order_by("pk"))
    cut = newest_cut()
    digest = before.digest if before else cut.reference if cut else ""
    return newest.is_ours and chained(digest, rows) == newest.digest


def faults() -> Iterator[str]:
    """What is wrong with the record, a sentence each: rows that were changed, removed or put in later."""
    cut = newest_cut()
    before, last = (cut.reference, int(cut.record)) if cut else ("", 0)
    newest: Seal | None = None
    if cut and not _is_witnessed(cut):
        yield f"Event {last + 1}, with which the record begins, does not prove that what was deleted was old enough."
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
        yield NOT_OURS
