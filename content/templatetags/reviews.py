from django import template

from content.models import Page, PageQuerySet

register = template.Library()


@register.simple_tag
def overdue_pages() -> PageQuerySet:
    """Pages whose next clinical review is past, the longest first, without their text."""
    return Page.objects.overdue().order_by("next_review_on", "slug").only("slug", "language", "title", "next_review_on")


@register.simple_tag
def never_reviewed() -> int:
    return Page.objects.filter(reviewed_on=None).count()
