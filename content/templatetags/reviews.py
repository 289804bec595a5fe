from dataclasses import dataclass

from django import template
from django.db.models import Count, Q, Value
from django.utils import timezone

from content.models import Edition, Page, Review, Source, Term

register = template.Library()


@register.filter
def is_overdue_beyond(review: Review, days: int) -> bool:
    """Whether readers are told that the next review is past: it is so for more than the clinic's days of grace."""
    return review.is_overdue_beyond(days)


@dataclass(frozen=True, slots=True)
class Work:
    """What staff have to do about the public pages, and what will happen by itself."""

    for_clinicians: list[Page]
    for_managers: list[Page]  # signed, not published
    new_texts: list[Page]  # came with the portal
    other_new_texts: dict[str, int]  # of sources and words, by the name of their model
    coming: list[Edition]
    overdue: list[Edition]  # seen by readers, the longest past its review first
    unread: int  # seen by readers, signed by nobody


@register.simple_tag
def page_work() -> Work:
    found = list(Page.objects.filter(Q(status=Page.Status.REVIEW) | Q(proposal__isnull=False)).select_related("review"))
    sent = [page for page in found if page.status == Page.Status.REVIEW]
    now, editions = timezone.now(), _live_and_coming()
    live = [edition for edition in editions if edition.live_at <= now]
    overdue = [edition for edition in live if edition.review and edition.review.is_overdue]
    return Work(
        for_clinicians=[page for page in sent if not page.is_reviewed],
        for_managers=[page for page in sent if page.is_reviewed],
        new_texts=[page for page in found if page.proposal is not None],
        other_new_texts=_other_new_texts(),
        coming=[edition for edition in editions if edition.live_at > now],
        overdue=sorted(overdue, key=lambda edition: (edition.review and edition.review.next_review_on, edition.slug)),
        unread=sum(edition.review is None for edition in live),
    )


def _live_and_coming() -> list[Edition]:
    wanted = Q(pk__in=Edition.objects.live().values("pk")) | Q(pk__in=Edition.objects.scheduled().values("pk"))
    editions = Edition.objects.filter(wanted).select_related("page", "review")
    return list(editions.defer("summary", "body", "page__summary", "page__body").order_by("live_at", "pk"))


def _other_new_texts() -> dict[str, int]:
    sources, terms = (
        model.objects.filter(proposal__isnull=False).order_by().values_list(Value(name), Count("pk"))
        for name, model in (("source", Source), ("term", Term))
    )
    return dict(sources.union(terms))
