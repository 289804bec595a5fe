"""What the start page of the staff site tells of submissions."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.db.models import QuerySet
from django.utils import timezone

from clinic.models import User
from intake import figures
from intake.admin import bars
from intake.admin.inbox import age_of
from intake.models import SafetyAlert, Submission
from intake.past import Past
from intake.past import past as counted_past

MOST_ALERTS = 20
MOST_ERASURES = 10

register = template.Library()


@register.simple_tag
def open_alerts() -> dict[str, Any]:
    """The unresolved alerts that need somebody first, without anything of the person, and how many more there are."""
    unresolved = SafetyAlert.objects.unresolved().counted()
    shown = list(_with_names(unresolved.most_pressing_first())[:MOST_ALERTS])
    return {"shown": shown, "more": shown[0].in_all - len(shown) if shown else 0}


def _with_names(alerts: QuerySet[SafetyAlert]) -> QuerySet[SafetyAlert]:
    """With the names of who has each one, and of its submission only the reference."""
    people = ("acknowledged_by", "submission__assignee")
    names = [f"{person}__{part}" for person in people for part in ("first_name", "last_name", "email")]
    alerts = alerts.select_related(*people)
    return alerts.only("code", "severity", "raised_at", "submission__reference", *names)


@register.simple_tag
def awaiting_erasure() -> dict[str, Any]:
    """The oldest requests that a second person has to confirm, and whether there are more."""
    names = [f"erasure_asked_by__{part}" for part in ("first_name", "last_name", "email")]
    rows = Submission.objects.awaiting_erasure().select_related("erasure_asked_by")
    found = list(rows.only("reference", "erasure_asked_at", *names)[: MOST_ERASURES + 1])
    return {"shown": found[:MOST_ERASURES], "more": len(found) > MOST_ERASURES}


@register.simple_tag
def inbox(user: User) -> figures.Inbox:
    return figures.inbox(user)


@register.simple_tag
def past() -> Past:
    return counted_past()


@register.simple_tag
def paces(past: Past) -> list[tuple[str, figures.Pace]]:
    return [("With a safety alert", past.paces[True]), ("Without a safety alert", past.paces[False])]


@register.simple_tag
def weeks(past: Past) -> dict[str, Any]:
    found = past.weeks
    drawn = bars.columns([(week.screenings, week.contacts) for week in found])
    return {"weeks": found, "drawing": drawn, "columns": list(zip(found, drawn.bars, strict=True))}


@register.simple_tag
def phq9_bands(past: Past) -> dict[str, Any]:
    found = past.bands
    drawn = bars.rows([band.count for band in found])
    total = sum(band.count for band in found)
    return {"bands": found, "drawing": drawn, "rows": list(zip(found, drawn.bars, strict=True)), "total": total}


@register.filter
def age(since: datetime) -> str:
    return age_of(since, timezone.now())


@register.filter
def lasting(span: timedelta) -> str:
    """Return 25 min, 3.5 h or 2.4 d."""
    if span < timedelta(hours=1):
        return f"{span // timedelta(minutes=1)} min"
    unit, name = (timedelta(hours=1), "h") if span < timedelta(days=2) else (timedelta(days=1), "d")
    return f"{round(span / unit, 1):g} {name}"
