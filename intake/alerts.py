"""What the worker does for safety alerts: tells staff again, and tries the way to them every day."""

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from clinic import outbox
from clinic.models import AuditEvent, ClinicProfile
from clinic.periodic import job
from intake import notices
from intake.models import SafetyAlert

log = logging.getLogger(__name__)

SELF_TEST_HOUR = 9  # in the clinic's time


@job(every=timedelta(seconds=30))
def remind() -> None:
    """Tell staff, and the escalation addresses, of alerts that nobody has acknowledged in time."""
    profile = ClinicProfile.load()
    if not profile.escalation_recipients:  # the desk says so in red
        return
    minutes = profile.escalate_after_minutes
    for pk in SafetyAlert.objects.unseen_for(minutes).order_by("raised_at").values_list("pk", flat=True):
        _remind(pk, minutes)


@transaction.atomic
def _remind(pk: UUID, minutes: int) -> None:
    """One reminder a submission, by one worker: the others skip the row or find it told."""
    due = SafetyAlert.objects.unseen_for(minutes).filter(pk=pk).select_for_update(skip_locked=True, of=["self"])
    alert = due.select_related("submission").first()
    if alert is None:
        return
    alert.submission.alerts.update(told_at=Now())
    notices.escalate(alert.submission)
    alert.submission.record(AuditEvent.Action.ALERT, by=None, detail="staff told again")
    log.warning("A safety alert was not acknowledged in time; staff were told again.", extra={"record": str(pk)})


@job(every=timedelta(minutes=5))
def self_test() -> None:
    """Once a day, a message that shows the way of an alert's e-mail to be open."""
    now = timezone.localtime()
    if now.hour < SELF_TEST_HOUR:
        return
    for number, recipient in enumerate(ClinicProfile.load().escalation_recipients):
        key = f"self-test {now.date()} {number}"
        outbox.send("alert_self_test", to=recipient, urgent=True, dedupe_key=key)
