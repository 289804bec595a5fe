"""The numbers of the review desk that a Prometheus on this machine asks for."""

from django.utils import timezone

from clinic.metrics import gauge
from intake.models import SafetyAlert


@gauge("clinic_alerts_unresolved", "Safety alerts of which nobody has said how they ended")
def unresolved() -> float:
    return SafetyAlert.objects.unresolved().count()


@gauge("clinic_alerts_open", "Those of them that nobody has acknowledged")
def unseen() -> float:
    return SafetyAlert.objects.unseen().count()


@gauge("clinic_oldest_open_alert_seconds", "Age of the oldest that nobody has acknowledged; 0 when there is none")
def oldest_seconds() -> float:
    oldest = SafetyAlert.objects.unseen().order_by("raised_at").first()
    return (timezone.now() - oldest.raised_at).total_seconds() if oldest else 0
