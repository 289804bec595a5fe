"""What happened to a submission, as one line of time."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db.models import TextChoices
from django.utils.formats import date_format

from clinic.models import AuditEvent, Message
from intake.export import Reason
from intake.models import ContactAttempt, ErasureReason, HoldReason, Submission

Action = AuditEvent.Action

EMAILS = {
    "contact_receipt": "receipt to the person",
    "screening_receipt": "receipt to the person",
    "reply": "reply to the person",
    "safety_alert": "safety alert to staff",
}


STATUSES = {"suspect": "May be spam"} | {code: str(label) for code, label in Submission.Status.choices}
REASONS = {code: str(label) for kind in (Reason, ErasureReason, HoldReason) for code, label in kind.choices}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened; looks by the same person in a row are one line with their number."""

    what: str
    who: str
    at: datetime
    times: int = 1
    kind: str = ""  # the action's code


def history(submission: Submission) -> list[HistoryLine]:
    """Newest first, e-mails that still wait on top."""
    events = list(submission.events.select_related("actor").order_by("pk"))
    lines = []
    for _key, run in groupby(events, key=_run):
        *earlier, event = run
        what = in_words(event)
        lines.append(HistoryLine(what, _who(event), event.at, len(earlier) + 1, event.action))
    return [*_waiting(submission), *lines[::-1]]


def _run(event: AuditEvent) -> object:
    """Looks by one person in a row have the same key, every other event its own."""
    return event.actor_id if event.action == Action.VIEWED else f"event {event.pk}"


def _waiting(submission: Submission) -> list[HistoryLine]:
    waiting = Message.objects.waiting().filter(about=submission.pk).order_by("-created_at")
    return [
        HistoryLine(
            f"E-mail, {_email(message.template)}: {_state(message)}", "the system", message.created_at, 1, "email"
        )
        for message in waiting
    ]


def _state(message: Message) -> str:
    return f"not sent after {message.attempts} tries, {message.error}" if message.attempts else "waits to be sent"


def in_words(event: AuditEvent) -> str:
    if event.action == Action.EMAIL:
        return f"E-mail, {_email(event.reference)}: {event.detail}"
    detail = _words(event)
    reason = f" ({REASONS.get(event.reason, event.reason)})" if event.reason else ""
    return event.get_action_display() + (f": {detail}" if detail else "") + reason


def _email(template: str) -> str:
    return EMAILS.get(template, template)


def _words(event: AuditEvent) -> str:
    """The codes of a detail in the words of the desk."""
    match event.action:
        case Action.STATUS:
            return " → ".join(STATUSES.get(code, code) for code in event.detail.split(" -> "))
        case Action.CONTACT:
            channel, _, outcome = event.detail.partition(": ")
            return f"{_label(ContactAttempt.Channel, channel)}, {_label(ContactAttempt.Outcome, outcome)}"
        case Action.DUE:
            return date_format(date.fromisoformat(event.detail)) if event.detail != "none" else "none"
    return event.detail


def _label(choices: type[TextChoices], code: str) -> str:
    labels: dict[str, str] = dict(choices.choices)
    return str(labels.get(code, code))


def _who(event: AuditEvent) -> str:
    if event.actor:
        return str(event.actor)
    return "the visitor" if event.action == Action.RECEIVED else "the system"
