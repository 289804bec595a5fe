"""What the intake keeps no longer."""

from django.db.models import QuerySet

from clinic import cut, periodic
from clinic.models import AuditEvent
from intake.models import Draft, Submission


def erase(rows: QuerySet[Submission]) -> int:
    """Erase them one by one, each in a transaction of its own, as two people would; return their number. Saves."""
    return sum(submission.expire() for submission in rows.only("pk"))


def oldest_event_of_a_held_submission() -> int | None:
    """What is on record about a submission on legal hold stays on record."""
    held = Submission.objects.held().order_by().values_list("pk", flat=True)
    events = AuditEvent.objects.filter(kind__in=["submission", "message"], record__in=[str(pk) for pk in held])
    return events.order_by("pk").values_list("pk", flat=True).first()


periodic.purge("expired drafts", Draft.objects.expired)
periodic.purge("declined and closed submissions", Submission.objects.expired, erase)
cut.held_from.append(oldest_event_of_a_held_submission)
