from typing import Any

from django import template
from django.db.models import Count, Min, Q
from django.template import Context
from django.utils import timezone

from clinic.models import ClinicProfile, Heartbeat, Message
from intake.admin.inbox import age_of
from intake.models import SafetyAlert

register = template.Library()


@register.simple_tag(takes_context=True)
def alert_strip(context: Context) -> dict[str, Any]:
    """The unresolved alerts, those that nobody has seen, and why staff may not hear of the next one.

    Whoever may not see submissions is told of the troubles alone: a manager can mend them.
    """
    troubles = {"troubles": _troubles(context["clinic"])}
    if not context["request"].user.has_perm("intake.view_submission"):
        return troubles
    unseen = Q(status=SafetyAlert.Status.OPEN)
    found = SafetyAlert.objects.unresolved().aggregate(
        alerts=Count("pk"), open=Count("pk", filter=unseen), oldest=Min("raised_at", filter=unseen)
    )
    age = age_of(found["oldest"], timezone.now()) if found["oldest"] else ""
    return found | troubles | {"age": age}


def _troubles(profile: ClinicProfile) -> list[str]:
    troubles = []
    if not profile.alert_recipients:
        troubles.append("No one is told of safety alerts by e-mail: the clinic profile names no address.")
    if Message.objects.in_trouble().filter(is_urgent=True).exists():
        troubles.append("E-mails about safety alerts could not be sent. Look at this desk often, and mend the mail.")
    if Heartbeat.is_late("worker"):
        troubles.append("The worker does not run: no e-mail is sent, and no reminder. Start “manage.py deliver”.")
    return troubles
