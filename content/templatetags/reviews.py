from django import template

from content.models import Edition, EditionQuerySet

register = template.Library()


@register.simple_tag
def overdue_pages() -> EditionQuerySet:
    """What readers see although its next clinical review is past, the longest first."""
    return Edition.objects.live().overdue().select_related("review").order_by("review__next_review_on", "page__slug")


@register.simple_tag
def never_reviewed() -> int:
    """How many texts that readers see no clinician has signed."""
    return Edition.objects.live().filter(review=None).count()
