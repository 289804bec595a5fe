import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator, URLValidator
from django.db import models, transaction
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation

from clinic.models import User
from content import markdown
from content.rendering import Reference, Rendered, render

HOME = "home"


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def digest(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()


class StartText(models.Model):
    """A row that comes with the project: an upgrade replaces it until staff edit it."""

    start_digest = models.CharField(max_length=64, blank=True, editable=False)

    START_FIELDS: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def digest(self) -> str:
        return digest(*(getattr(self, name) for name in self.START_FIELDS))

    @property
    def is_edited(self) -> bool:
        return self.digest != self.start_digest

    def take_start(self, values: Mapping[str, object]) -> None:
        """Become the start text. Raises ValidationError. Saves."""
        for name, value in values.items():
            setattr(self, name, value)
        self.full_clean()
        self.start_digest = self.digest
        self.save()


class Source(StartText):
    """A publication that pages cite by its key."""

    class Mark(models.TextChoices):
        PRIMARY = "V", "Read in the publication itself"
        SECONDARY = "V2", "Read in a secondary page"

    key = models.CharField(
        max_length=40, unique=True, validators=[RegexValidator(rf"\A{markdown.KEY}\Z")], help_text="Cited as [@KEY]."
    )
    authors = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=500)
    container = models.CharField("journal or body", max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    url = models.CharField("address", max_length=500, blank=True, validators=[URLValidator(schemes=["https", "http"])])
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(r"\A10\.\d{4,9}/\S+\Z", "Enter the DOI alone, such as 10.1176/appi.ajp.2018.18070834.")
        ],
    )
    note = models.TextField(blank=True, help_text="Printed after the source.")
    mark = models.CharField(max_length=2, choices=Mark)
    updated_at = models.DateTimeField(auto_now=True)

    START_FIELDS = ("authors", "title", "container", "year", "url", "doi", "note", "mark")

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(mark__in=["V", "V2"]), name="source_mark_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"


class PageQuerySet(models.QuerySet["Page"]):
    def published(self) -> Self:
        return self.filter(status=Page.Status.PUBLISHED)

    def in_menu(self) -> Self:
        """Pages that have a place in the menu, first one first, without their text."""
        return self.exclude(order=None).order_by("order", "slug").only("slug", "language", "title", "menu_title")

    def with_sources(self) -> Self:
        """Pages with all that `rendered` and the review line need, in the same query."""
        cited = Citation.objects.filter(page=OuterRef("pk")).order_by("source__key")
        row = JSONObject(**{name: f"source__{name}" for name in Reference.__annotations__})
        return self.select_related("reviewed_by").annotate(source_rows=ArraySubquery(cited.values(row=row)))

    def overdue(self) -> Self:
        return self.filter(next_review_on__lt=timezone.localdate())


class Page(StartText):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    slug = models.SlugField(help_text="The page's address: “types” for /types/.")
    language = models.CharField(max_length=10, choices=languages, default="en")
    title = models.CharField(max_length=200)
    menu_title = models.CharField("title in the menu", max_length=60, blank=True)
    summary = models.TextField(help_text="The answer in three sentences. Markdown, with citations.")
    body = models.TextField(
        validators=[MaxLengthValidator(60_000)],
        help_text="Markdown. Headings begin with ##. A claim ends with its source: [@FAVA; @PHILLIPS].",
    )
    order = models.PositiveSmallIntegerField(
        "place in the menu", null=True, blank=True, help_text="Empty: not in the menu."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    sources_checked = models.DateField("sources last checked on", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    reviewed_on = models.DateField(null=True, blank=True, editable=False)
    next_review_on = models.DateField(null=True, blank=True, editable=False)
    reviewed_digest = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    sources = models.ManyToManyField(Source, through="Citation", related_name="pages")

    START_FIELDS = ("title", "menu_title", "summary", "body", "order", "sources_checked")
    REVIEW_MONTHS: ClassVar[int] = 12

    source_rows: list[dict[str, Any]]  # set by PageQuerySet.with_sources

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["language", "order", "slug"]
        permissions: ClassVar = [("review_page", "Can sign the clinical review of a page")]
        constraints: ClassVar = [
            models.UniqueConstraint("slug", "language", name="page_once_in_each_language"),
            models.CheckConstraint(condition=Q(status__in=["draft", "published"]), name="page_status_is_known"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_on=None, next_review_on=None, reviewed_digest="")
                | Q(reviewed_by__isnull=False, reviewed_on__isnull=False, next_review_on__isnull=False)
                & Q(next_review_on__gt=models.F("reviewed_on"), reviewed_digest__gt=""),
                name="page_review_is_whole",
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
        errors["slug"] = [] if self._has_own_address() else ["This address belongs to another part of the site."]
        if any(errors.values()):
            raise ValidationError({name: found for name, found in errors.items() if found})

    @property
    def cited_keys(self) -> tuple[str, ...]:
        return markdown.cited_keys(self.summary, self.body)

    @cached_property
    def rendered(self) -> Rendered:
        """The page's HTML. The page must come from `Page.objects.with_sources()`."""
        references = tuple(Reference(**row) for row in self.source_rows)
        return render(self.summary, self.body, references, self.language)

    @property
    def text_digest(self) -> str:
        return digest(self.title, self.summary, self.body)

    @property
    def is_reviewed(self) -> bool:
        """Whether a clinician has signed this very text; an edit afterwards undoes it."""
        return self.reviewed_digest == self.text_digest

    def mark_reviewed(self, *, by: User) -> None:
        """Record that `by`, whose name readers see, has read the whole page today. Saves."""
        if not by.get_full_name():
            raise ValidationError(
                "Readers see who reviewed a page. Enter your first and last name in your account first."
            )
        self.reviewed_by = by
        self.reviewed_on = timezone.localdate()
        self.next_review_on = _months_after(self.reviewed_on, self.REVIEW_MONTHS)
        self.reviewed_digest = self.text_digest
        self.save(update_fields=["reviewed_by", "reviewed_on", "next_review_on", "reviewed_digest"])

    def _unknown_keys(self, keys: Collection[str]) -> set[str]:
        return set(keys) - set(Source.objects.filter(key__in=keys).values_list("key", flat=True))

    def _has_own_address(self) -> bool:
        try:
            return resolve(self.get_absolute_url()).namespace == "content"
        except Resolver404:
            return False

    def _keep_citations(self) -> None:
        keys = self.cited_keys
        if unknown := self._unknown_keys(keys):
            raise ValueError(f"The page {self} cites {', '.join(sorted(unknown))}, which no source has as its key.")
        Citation.objects.filter(page=self).exclude(source__key__in=keys).delete()
        sources = Source.objects.filter(key__in=keys)
        Citation.objects.bulk_create((Citation(page=self, source=source) for source in sources), ignore_conflicts=True)


class Citation(models.Model):
    """That a page cites a source; kept by Page.save. A cited source cannot be deleted."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("page", "source", name="citation_once")]

    def __str__(self) -> str:
        return f"{self.page} cites {self.source.key}"


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; 29 February becomes 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    target = date(day.year + years, month + 1, 1)
    last = (date(target.year + target.month // 12, target.month % 12 + 1, 1) - target).days
    return target.replace(day=min(day.day, last))
