"""The end of what is on record: events that are kept no longer go in whole sealed ranges, the oldest first.

Only the owner of the tables may delete them, and a trigger lets go of nothing younger than AUDIT_YEARS. The newest
range that could go stays: it is sealed, so that its times prove that everything before it was older still.
"""

from collections.abc import Callable

from django.db import connection, transaction

from clinic import audit
from clinic.models import AuditEvent, Seal
from clinic.retention import kept_since
from clinic.seals import SEALER

held_from: list[Callable[[], int | None]] = []  # each gives the id of the oldest event that must stay, if any


def may_cut() -> bool:
    """Whether the database's role is one that may delete from the record at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'DELETE')", [AuditEvent._meta.db_table])
        return bool(cursor.fetchone()[0])


def last_to_go() -> Seal | None:
    """The newest range that is kept no longer, but for the one that stays as the witness."""
    old = Seal.objects.filter(at__lt=kept_since("audit_years"))
    for oldest in held_from:
        if (event := oldest()) is not None:
            old = old.filter(last__lt=event)
    witness = old.order_by("-first").first()
    return Seal.objects.filter(first__lt=witness.first).order_by("-first").first() if witness else None


def to_go() -> int:
    """How many events are kept no longer."""
    newest = last_to_go()
    return AuditEvent.objects.filter(pk__lte=newest.last).count() if newest else 0


@transaction.atomic
def cut() -> int:
    """Delete what is kept no longer, with its seals, and record it; return the number of events. Saves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALER])
    newest = last_to_go()
    if newest is None:
        return 0
    gone = AuditEvent.objects.filter(pk__lte=newest.last)
    number = gone.count()
    detail = f"{number} events up to {newest.last}"
    audit.record(
        AuditEvent.Action.CUT, by=None, kind="auditevent", record=newest.last, reference=newest.digest, detail=detail
    )
    gone.delete()
    Seal.objects.filter(last__lte=newest.last).delete()
    return number
