from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from clinic.models import User
from content import markdown
from content.models.edition import Edition, PageText, PageTextQuerySet, Review
from content.models.source import Citation, Source
from content.models.start_text import StartText, languages
from content.models.term import Term

HOME = "home"


class PageQuerySet(PageTextQuerySet["Page"]):
    PAGE = "pk"
    LANGUAGE = "language"

    def overdue(self) -> Self:
        """Pages whose text on the site should have been reviewed again."""
        return self.filter(pk__in=Edition.objects.live().overdue().values("page"))


class Page(PageText, StartText):
    """A page as staff work on it. Readers see its editions."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        REVIEW = "review", "In clinical review"
        PUBLISHED = "published", "Published"

    slug = models.SlugField(help_text="The page's address: “types” for /types/.")
    language = models.CharField(max_length=10, choices=languages, default="en")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    sources = models.ManyToManyField(Source, through="Citation", related_name="pages")

    START_FIELDS = PageText.TEXT_FIELDS
    REVIEW_MONTHS: ClassVar[int] = 12

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["language", "order", "slug"]
        permissions: ClassVar = [("review_page", "Can sign the clinical review of a page")]
        constraints: ClassVar = [
            models.UniqueConstraint("slug", "language", name="page_once_in_each_language"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "review", "published"]), name="page_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"

    def get_absolute_url(self) -> str:
        with translation.override(self.language):
            return reverse("content:home") if self.slug == HOME else reverse("content:page", args=[self.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and keep the record of what the page cites. A key without a source raises ValueError."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            self._keep_citations()

    def clean(self) -> None:
        # A browser's text box sends other line ends; they are no edit.
        self.summary, self.body = (text.replace("\r\n", "\n").strip() for text in (self.summary, self.body))
        errors = {name: markdown.faults(getattr(self, name)) for name in ("summary", "body")}
        errors["body"] += [f"No source has the key {key}." for key in sorted(self._unknown_keys(self.cited_keys))]
        errors["body"] += [f"The glossary has no word “{form}”." for form in sorted(self._unknown_forms())]
        errors["slug"] = [] if self._has_own_address() else ["This address belongs to another part of the site."]
        if any(errors.values()):
            raise ValidationError({name: found for name, found in errors.items() if found})

    def take_start(self, values: Mapping[str, object]) -> None:
        """Become the start text; readers see it unless staff took the page off the site. Saves."""
        shown = self.pk is None or self.status == self.Status.PUBLISHED
        super().take_start(values)
        if shown:
            self.publish()

    @property
    def obstacles(self) -> list[str]:
        """Why the text should not be published yet, a sentence each."""
        return [
            *(["The text cites no source."] if not self.cited_keys else []),
            *(["No clinician has signed the review of this text."] if not self.is_reviewed else []),
        ]

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
    def mark_reviewed(self, *, by: User) -> None:
        """Record that `by`, whose name readers see, has read the whole page today. Saves."""
        if not by.get_full_name():
            raise ValidationError(
                "Readers see who reviewed a page. Enter your first and last name in your account first."
            )
        today = timezone.localdate()
        self.review = Review.objects.create(
            page=self,
            digest=self.text_digest,
            reviewed_by=by,
            reviewed_on=today,
            next_review_on=_months_after(today, self.REVIEW_MONTHS),
        )
        self.save(update_fields=["review"])
        same = [edition.pk for edition in self.editions.all() if edition.text_digest == self.text_digest]
        self.editions.filter(pk__in=same).update(review=self.review)

    def _unknown_keys(self, keys: Collection[str]) -> set[str]:
        return set(keys) - set(Source.objects.filter(key__in=keys).values_list("key", flat=True))

    def _unknown_forms(self) -> set[str]:
        """What the text marks as a word of the glossary, and the glossary does not have."""
        known = Term.objects.filter(language=self.language).values_list("forms", flat=True)
        return markdown.marked_forms(self.summary, self.body) - {form for forms in known for form in forms.splitlines()}

    def _has_own_address(self) -> bool:
        try:
            with translation.override(self.language):
                return resolve(self.get_absolute_url()).namespace == "content"
        except Resolver404:
            return False

    def _keep_citations(self) -> None:
        """A source stays as long as the text or any edition cites it."""
        keys = set(self.cited_keys)
        if unknown := self._unknown_keys(keys):
            raise ValueError(f"The page {self} cites {', '.join(sorted(unknown))}, which no source has as its key.")
        kept = keys.union(*(edition.cited_keys for edition in self.editions.all()))
        Citation.objects.filter(page=self).exclude(source__key__in=kept).delete()
        sources = Source.objects.filter(key__in=keys)
        Citation.objects.bulk_create((Citation(page=self, source=source) for source in sources), ignore_conflicts=True)


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; 29 February becomes 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    target = date(day.year + years, month + 1, 1)
    last = (date(target.year + target.month // 12, target.month % 12 + 1, 1) - target).days
    return target.replace(day=min(day.day, last))
