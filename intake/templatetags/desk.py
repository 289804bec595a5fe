from django import template

from intake.models import SafetyAlert, Submission

register = template.Library()


@register.simple_tag
def desk_figures() -> dict[str, int]:
    """How many submissions still need somebody, and how many safety alerts they raised."""
    return {
        "open": Submission.objects.open().count(),
        "alerts": SafetyAlert.objects.filter(submission__in=Submission.objects.open()).count(),
    }
