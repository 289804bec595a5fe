from typing import Any

from django import template
from django.db.models import Count, Min, Q
from django.template import Context
from django.utils import timezone

from clinic.models import ClinicProfile, Heartbeat, Message
from intake.admin.inbox import age_of
from intake.models import SafetyAlert, Submission

register = template.Library()


@register.simple_tag
def desk_figures() -> dict[str, int]:
    return {"open": Submission.objects.open().count()}


@register.simple_tag(takes_context=True)
def alert_strip(context: Context) -> dict[str, Any]:
    """The unresolved alerts, those that nobody has seen, and why staff may not hear of the next one."""
    unseen = Q(status=SafetyAlert.Status.OPEN)
    found = SafetyAlert.objects.unresolved().aggregate(
        alerts=Count("pk"), open=Count("pk", filter=unseen), oldest=Min("raised_at", filter=unseen)
    )
    age = age_of(found["oldest"], timezone.now()) if found["oldest"] else ""
    return found | {"age": age, "troubles": _troubles(context["clinic"])}


def _troubles(profile: ClinicProfile) -> list[str]:
    troubles = []
    if not profile.alert_recipients:
        troubles.append("No one is told of safety alerts by e-mail: the clinic profile names no address.")
    if Message.objects.in_trouble().filter(is_urgent=True).exists():
        troubles.append("E-mails about safety alerts could not be sent. Look at this desk often, and mend the mail.")
    if Heartbeat.is_late("worker"):
        troubles.append("The worker does not run: no e-mail is sent, and no reminder. Start “manage.py deliver”.")
    return troubles
