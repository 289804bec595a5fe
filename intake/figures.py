"""The figures of the start page: what waits, how soon staff came to it, what came in. One query over one index each.

`docs/decisions.md` says why they stay fast with a million submissions.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Aggregate, BooleanField, Count, DurationField, ExpressionWrapper, F, Min, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone

from clinic.models import User
from intake.models import PHQ9_TOTAL, Score, Submission
from intake.summary import SPOKEN

PACE_DAYS = 30
WEEKS = 12
BAND_DAYS = 90


class Percentile(Aggregate):
    """The value that a `share` of the rows does not exceed, between two of them if need be; empty ones do not count."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field: ClassVar = DurationField()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The open submissions of one status."""

    status: str
    label: str
    count: int
    oldest_at: datetime | None
    over_one_day: int
    over_three_days: int


@dataclass(frozen=True, slots=True)
class Inbox:
    statuses: list[Waiting]
    mine: int
    unassigned: int
    due: int
    suspect: int

    @property
    def count(self) -> int:
        return sum(waiting.count for waiting in self.statuses)


def inbox(user: User) -> Inbox:
    """What is open, by status and age, how much of it is for `user`, for nobody yet, and due; and what may be spam."""
    now = timezone.now()
    rows = Submission.objects.filter(status__in=Submission.OPEN).values("status", "is_suspect")
    found = rows.annotate(
        count=Count("*"),
        oldest_at=Min("created_at"),
        over_one_day=Count("status", filter=Q(created_at__lt=now - timedelta(days=1))),
        over_three_days=Count("status", filter=Q(created_at__lt=now - timedelta(days=3))),
        mine=Count("status", filter=Q(assignee=user)),
        unassigned=Count("status", filter=Q(assignee=None)),
        due=Count("status", filter=Q(next_contact_on__lte=timezone.localdate())),
    )
    by_status: dict[str, dict[str, Any]] = {row["status"]: dict(row) for row in found if not row["is_suspect"]}
    return Inbox(
        statuses=[_waiting(status, by_status.get(status.value, {})) for status in Submission.OPEN],
        **{name: sum(row[name] for row in by_status.values()) for name in ("mine", "unassigned", "due")},
        suspect=sum(row["count"] for row in found if row["is_suspect"]),
    )


def _waiting(status: Submission.Status, row: dict[str, Any]) -> Waiting:
    return Waiting(
        status=status.value,
        label=str(status.label),
        count=row.get("count", 0),
        oldest_at=row.get("oldest_at"),
        over_one_day=row.get("over_one_day", 0),
        over_three_days=row.get("over_three_days", 0),
    )


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something took where it has happened; None while it has happened nowhere."""

    happened: int
    median: timedelta | None
    most: timedelta | None  # the 90th percentile


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon staff came to those received in the last PACE_DAYS days."""

    received: int
    look: Wait
    contact: Wait


def paces() -> dict[bool, Pace]:
    """The pace for submissions with an alert (True) and for the others; what may be spam is left out."""
    since = timezone.now() - timedelta(days=PACE_DAYS)
    rows = Submission.objects.filter(created_at__gte=since, is_suspect=False)
    alerted = ExpressionWrapper(Q(risk__gt=0), output_field=BooleanField())
    figures = _wait_figures("look", "first_seen_at") | _wait_figures("contact", "first_contact_at")
    found = rows.values(alerted=alerted).annotate(received=Count("*"), **figures)
    nothing = Pace(0, Wait(0, None, None), Wait(0, None, None))
    return {True: nothing, False: nothing} | {row["alerted"]: _pace(dict(row)) for row in found}


def _wait_figures(name: str, field: str) -> dict[str, Aggregate]:
    age = F(field) - F("created_at")
    return {
        f"{name}_happened": Count(field),
        f"{name}_median": Percentile(age, share=0.5),
        f"{name}_most": Percentile(age, share=0.9),
    }


def _pace(row: dict[str, Any]) -> Pace:
    look, contact = (
        Wait(row[f"{name}_happened"], row[f"{name}_median"], row[f"{name}_most"]) for name in ("look", "contact")
    )
    return Pace(row["received"], look, contact)


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    screenings: int
    contacts: int
    is_over: bool

    @property
    def total(self) -> int:
        return self.screenings + self.contacts


def weeks() -> list[Week]:
    """What came in during each of the last WEEKS weeks by the clinic's clock, without what may be spam.

    The last one is not over.
    """
    today = timezone.localdate()
    this_monday = today - timedelta(days=today.weekday())
    mondays = [this_monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
    begin = timezone.make_aware(datetime.combine(mondays[0], datetime.min.time()))
    rows = Submission.objects.filter(created_at__gte=begin, is_suspect=False)
    found = rows.values("kind", week=TruncWeek("created_at")).annotate(count=Count("*"))
    counts = {(timezone.localdate(row["week"]), row["kind"]): row["count"] for row in found}
    screening, contact = Submission.Kind.SCREENING.value, Submission.Kind.CONTACT.value
    return [
        Week(monday, counts.get((monday, screening), 0), counts.get((monday, contact), 0), monday < this_monday)
        for monday in mondays
    ]


@dataclass(frozen=True, slots=True)
class Band:
    label: str
    count: int


def phq9_bands() -> list[Band]:
    """How many PHQ-9 totals of the last BAND_DAYS days lie in each band, the lowest first; last, those without one."""
    since = timezone.now() - timedelta(days=BAND_DAYS)
    rows = Score.objects.filter(code=PHQ9_TOTAL, received_at__gte=since)
    counts = dict(rows.values_list("band").annotate(count=Count("*")))
    incomplete = counts.pop("", 0)
    labels = {code: str(label).capitalize() for code, label in SPOKEN.items()}
    labels |= {code: code for code in counts if code not in labels}
    return [*(Band(label, counts.get(code, 0)) for code, label in labels.items()), Band("Not complete", incomplete)]
