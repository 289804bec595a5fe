from typing import Any

from django import template
from django.db.models import Count
from django.utils import timezone

from clinic.models import Heartbeat, Message

register = template.Library()


@register.simple_tag
def mail_trouble() -> dict[str, int]:
    """How many e-mails were given up in the last days, and how many are late."""
    given_up, late = Count("failed_at"), Count("*") - Count("failed_at")
    return Message.objects.in_trouble().aggregate(given_up=given_up, late=late)


@register.simple_tag
def worker() -> dict[str, Any]:
    """When the delivery worker last said that it runs, how many seconds ago, and whether that is too long."""
    now = timezone.now()
    beat = Heartbeat.objects.filter(name="worker").first()
    if beat is None:
        return {"at": None}
    return {
        "at": beat.at,
        "seconds": max(0, int((now - beat.at).total_seconds())),
        "is_late": beat.at < now - Heartbeat.LATE_AFTER,
    }
