"""What the database and the mail server hold, compared with what visitors were told."""

from collections import Counter
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now

from clinic.models import AuditEvent, Message
from clinic.outbox import LEASE
from intake.models import Draft, Packet, Submission
from tests.mail import MailServer
from tests.resilience.stack import wait_until


def stored() -> int:
    connection.close()
    return Submission.objects.count()


def end_leases() -> int:
    """As if the time had passed in which the messages of killed workers are still theirs; how many there were."""
    taken = Message.objects.waiting().filter(attempts__gt=0, due_at__gt=Now(), due_at__lte=Now() + LEASE)
    return taken.update(due_at=Now())


def wait_for_mail() -> None:
    """Until nothing waits any more, for as long as ever less does."""
    while left := Message.objects.waiting().count():
        wait_until(lambda left=left: Message.objects.waiting().count() < left)


def faults(acknowledged: dict[str, str], others: int = 0) -> list[str]:
    """Each as a sentence without anything that was typed. `others` were stored before these."""
    connection.close()
    stored = list(Submission.objects.all())
    found = [*_not_exactly_once(acknowledged, stored), *map(_half_written, stored)]
    if len(stored) != len(acknowledged) + others:
        found.append(f"{len(stored)} are stored, {len(acknowledged) + others} were acknowledged.")
    for draft in Draft.objects.exclude(submission=None):
        found += ["A draft was sent and still holds answers."] if draft.answers else []
    return [fault for fault in [*found, _broken_record()] if fault]


def _not_exactly_once(acknowledged: dict[str, str], stored: list[Submission]) -> list[str]:
    references = Counter((submission.name, submission.reference) for submission in stored)
    names = Counter(submission.name for submission in stored)
    return [
        f"{reference} is stored {references[name, reference]} times, and {names[name]} by its name."
        for name, reference in acknowledged.items()
        if (references[name, reference], names[name]) != (1, 1)
    ]


def _half_written(submission: Submission) -> str:
    events = AuditEvent.objects.filter(record=str(submission.pk), action=AuditEvent.Action.RECEIVED).count()
    packet = Packet.objects.current()
    assert packet
    forms = len(packet.forms()) if submission.kind == Submission.Kind.SCREENING else 0
    there = submission.responses.count(), bool(submission.alerts.count()), events
    return "" if there == (forms, bool(forms), 1) else f"{submission.reference} is half written: {there}."


def _broken_record() -> str:
    said = StringIO()
    try:
        call_command("verify_audit", stdout=said)
    except SystemExit:
        return said.getvalue()
    return ""


def alert_faults(mail: MailServer) -> tuple[list[str], int, int]:
    """Alerts that were not e-mailed or not recorded once; how many there are, and how many letters came twice."""
    text = b"".join(letter.content for letter in mail.letters)
    screenings = Submission.objects.filter(kind=Submission.Kind.SCREENING)
    found, twice = [], 0
    for submission in screenings:
        letters = text.count(str(submission.pk).encode())
        sent = AuditEvent.objects.filter(
            record=str(submission.pk), action=AuditEvent.Action.EMAIL, reference="safety_alert", detail="sent"
        ).count()
        twice += max(letters - 1, 0)
        if letters < 1 or sent != 1:
            found.append(f"The alert of {submission.reference} was e-mailed {letters} times and recorded {sent} times.")
    return found, screenings.count(), twice
