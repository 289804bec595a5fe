"""What happened to a submission, as lines."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from clinic.models import AuditEvent
from intake.models import Submission


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened; looks by the same person in a row are one line with their number."""

    what: str
    who: str
    at: datetime
    times: int


def history(submission: Submission) -> list[HistoryLine]:
    """Newest first."""
    events = list(submission.events.select_related("actor"))
    looks = AuditEvent.Action.VIEWED
    runs = groupby(events, key=lambda event: (looks, event.actor_id) if event.action == looks else event.pk)
    lines = []
    for _key, run in runs:
        *earlier, event = run
        lines.append(HistoryLine(in_words(event), _who(event), event.at, len(earlier) + 1))
    return lines[::-1]


def in_words(event: AuditEvent) -> str:
    return event.get_action_display() + (f": {_words(event)}" if event.detail else "")


def _words(event: AuditEvent) -> str:
    """A status change in the statuses' own words; any other detail as it is."""
    if event.action != AuditEvent.Action.STATUS:
        return event.detail
    labels: dict[str, str] = dict(Submission.Status.choices)
    return " → ".join(labels.get(code, code) for code in event.detail.split(" -> "))


def _who(event: AuditEvent) -> str:
    if event.actor:
        return str(event.actor)
    return "the visitor" if event.action == AuditEvent.Action.RECEIVED else "the system"
