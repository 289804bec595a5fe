"""From draft by way of clinical review to readers: the steps of a page."""

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from clinic.models import User
from content.models.edition import Edition, PageText, Review

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class Publishable(PageText):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        REVIEW = "review", "In clinical review"
        PUBLISHED = "published", "Published"

    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False)

    REVIEW_MONTHS: ClassVar[int] = 12

    editions: "RelatedManager[Edition]"
    reviews: "RelatedManager[Review]"

    class Meta:
        abstract = True

    @property
    def obstacles(self) -> list[str]:
        """Why the text should not be published yet, a sentence each."""
        return [
            *(["The text cites no source."] if not self.cited_keys else []),
            *(["No clinician has signed the review of this text."] if not self.is_reviewed else []),
        ]

    def submit_for_review(self) -> None:
        """Ask clinicians to read the text and to sign it. Saves."""
        self.status = self.Status.REVIEW
        self.save(update_fields=["status"])

    @transaction.atomic
    def publish(self, *, by: User | None = None, at: datetime | None = None, reason: str = "") -> Edition:
        """Let readers see the text from `at` on, or now. Without sources or review it takes a reason. Saves.

        Nobody is `by` where the text comes with the portal. Raises ValidationError.
        """
        if by and not reason and (obstacles := self.obstacles):
            raise ValidationError([*obstacles, "Give a reason to publish it all the same."])
        text = {name: getattr(self, name) for name in self.TEXT_FIELDS}
        review = self.review if self.is_reviewed else None
        self.status = self.Status.PUBLISHED
        self.save(update_fields=["status"])
        return self.editions.create(**text, review=review, live_at=at or timezone.now(), published_by=by, reason=reason)

    @transaction.atomic
    def withdraw(self) -> None:
        """Take the page off the site, with what was to follow. Saves."""
        self.editions.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
        self.status = self.Status.DRAFT
        self.save(update_fields=["status"])

    @transaction.atomic
    def cancel(self, edition: Edition) -> None:
        """Call off an edition whose time has not come. Raises Edition.DoesNotExist when it has. Saves."""
        coming = Edition.objects.filter(page_id=self.pk).scheduled().select_for_update().get(pk=edition.pk)
        coming.withdrawn_at = timezone.now()
        coming.save(update_fields=["withdrawn_at"])
        self.status = self.Status.PUBLISHED if self.is_on_its_way else self.Status.DRAFT
        self.save(update_fields=["status"])

    @property
    def is_on_its_way(self) -> bool:
        """Whether readers see this very text, or will."""
        editions = Edition.objects.filter(page_id=self.pk)
        return any(self.has_text_of(edition) for edition in [*editions.live(), *editions.scheduled()])

    def has_text_of(self, other: PageText) -> bool:
        return all(getattr(self, name) == getattr(other, name) for name in self.TEXT_FIELDS)

    @transaction.atomic
    def mark_reviewed(self, *, by: User) -> None:
        """Record that `by`, whose name readers see, has read the whole page today. Saves."""
        if not by.get_full_name():
            raise ValidationError(
                "Readers see who reviewed a page. Enter your first and last name in your account first."
            )
        today = timezone.localdate()
        self.review = self.reviews.create(
            digest=self.text_digest,
            reviewed_by=by,
            reviewed_on=today,
            next_review_on=_months_after(today, self.REVIEW_MONTHS),
        )
        self.save(update_fields=["review"])
        same = [edition.pk for edition in self.editions.all() if edition.text_digest == self.text_digest]
        self.editions.filter(pk__in=same).update(review=self.review)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; 29 February becomes 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    target = date(day.year + years, month + 1, 1)
    last = (date(target.year + target.month // 12, target.month % 12 + 1, 1) - target).days
    return target.replace(day=min(day.day, last))
