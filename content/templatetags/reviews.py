from dataclasses import dataclass

from django import template
from django.db.models import Count, Q, Value

from content.models import Edition, EditionQuerySet, Page, Review, Source, Term

register = template.Library()


@register.filter
def is_overdue_beyond(review: Review, days: int) -> bool:
    """Whether readers are told that the next review is past: it is so for more than the clinic's days of grace."""
    return review.is_overdue_beyond(days)


@dataclass(frozen=True, slots=True)
class Work:
    """Pages that wait for somebody."""

    for_clinicians: list[Page]
    for_managers: list[Page]  # signed, not published
    new_texts: list[Page]  # came with the portal
    other_new_texts: dict[str, int]  # of sources and words, by the name of their model
    coming: list[Edition]


@register.simple_tag
def page_work() -> Work:
    """What staff have to do about pages, sources and words, and what will happen by itself."""
    found = Page.objects.filter(Q(status=Page.Status.REVIEW) | Q(proposal__isnull=False)).select_related("review")
    sent = [page for page in found if page.status == Page.Status.REVIEW]
    counts = [
        model.objects.filter(proposal__isnull=False).order_by().values_list(Value(name), Count("pk"))
        for name, model in (("source", Source), ("term", Term))
    ]
    return Work(
        for_clinicians=[page for page in sent if not page.is_reviewed],
        for_managers=[page for page in sent if page.is_reviewed],
        new_texts=[page for page in found if page.proposal is not None],
        other_new_texts=dict(counts[0].union(counts[1])),
        coming=list(Edition.objects.scheduled().select_related("page").defer("summary", "body")),
    )


@register.simple_tag
def overdue_pages() -> EditionQuerySet:
    """What readers see although its next clinical review is past, the longest first."""
    return Edition.objects.live().overdue().select_related("review").order_by("review__next_review_on", "page__slug")


@register.simple_tag
def never_reviewed() -> int:
    """How many texts that readers see no clinician has signed."""
    return Edition.objects.live().filter(review=None).count()
