"""What readers see: a page's text as it was published, and the clinical review of a text."""

from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject, Now
from django.utils import timezone

from content import markdown
from content.models.source import Citation
from content.models.start_text import digest
from content.models.term import Term
from content.rendering import Definition, Reference, Rendered, render


class Review(models.Model):
    """That a clinician has read one very text of a page, whole. A changed text has another digest."""

    page = models.ForeignKey("content.Page", on_delete=models.CASCADE, related_name="reviews")
    digest = models.CharField(max_length=64)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_on = models.DateField()
    next_review_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(next_review_on__gt=F("reviewed_on"), digest__gt=""), name="review_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}, {self.reviewed_on}"

    @property
    def is_overdue(self) -> bool:
        return self.next_review_on < timezone.localdate()


T = TypeVar("T", bound="PageText")


class PageTextQuerySet(models.QuerySet[T]):
    PAGE: ClassVar[str]  # from a row to its page
    LANGUAGE: ClassVar[str]

    def with_sources(self) -> Self:
        """Texts with all that `rendered` and the review line need, in the same query."""
        cited = Citation.objects.filter(page=OuterRef(self.PAGE)).order_by("source__key")
        source = JSONObject(**{name: f"source__{name}" for name in Reference.__annotations__})
        terms = Term.objects.filter(language=OuterRef(self.LANGUAGE)).order_by("key")
        term = JSONObject(**{name: name for name in Definition.__annotations__})
        return self.select_related("review__reviewed_by").annotate(
            source_rows=ArraySubquery(cited.values(row=source)), term_rows=ArraySubquery(terms.values(row=term))
        )


class PageText(models.Model):
    """The text of a page, as staff work on it or as readers see it."""

    title = models.CharField(max_length=200)
    menu_title = models.CharField("title in the menu", max_length=60, blank=True)
    summary = models.TextField(help_text="The answer in three sentences. Markdown, with citations.")
    body = models.TextField(
        validators=[MaxLengthValidator(60_000)],
        help_text="Markdown. Headings begin with ##. A claim ends with its source: [@FAVA; @PHILLIPS]. "
        "[[word]] links to the glossary.",
    )
    order = models.PositiveSmallIntegerField(
        "place in the menu", null=True, blank=True, help_text="Empty: not in the menu."
    )
    sources_checked = models.DateField("sources last checked on", null=True, blank=True)
    review = models.ForeignKey(
        Review, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    TEXT_FIELDS: ClassVar = ("title", "menu_title", "summary", "body", "order", "sources_checked")

    language: str
    source_rows: list[dict[str, Any]]  # set by with_sources
    term_rows: list[dict[str, Any]]

    class Meta:
        abstract = True

    @property
    def cited_keys(self) -> tuple[str, ...]:
        return markdown.cited_keys(self.summary, self.body)

    @property
    def text_digest(self) -> str:
        return digest(self.title, self.summary, self.body)

    @property
    def is_reviewed(self) -> bool:
        """Whether a clinician has signed this very text; an edit afterwards undoes it."""
        return self.review is not None and self.review.digest == self.text_digest

    @cached_property
    def rendered(self) -> Rendered:
        """The text's HTML. The row must come from `with_sources()`."""
        references = tuple(Reference(**row) for row in self.source_rows)
        terms = tuple(Definition(**row) for row in self.term_rows)
        return render(self.summary, self.body, references, self.language, terms)


class EditionQuerySet(PageTextQuerySet["Edition"]):
    PAGE = "page"
    LANGUAGE = "page__language"

    def live(self) -> Self:
        """What readers see now: of each page the newest edition whose time has come, unless it was withdrawn."""
        come = Edition.objects.filter(withdrawn_at=None, live_at__lte=Now())
        newest = come.order_by("page_id", "-live_at", "-pk").distinct("page_id")
        return self.filter(pk__in=newest.values("pk")).select_related("page")

    def scheduled(self) -> Self:
        """Editions whose time has not come, the next one first."""
        return self.filter(withdrawn_at=None, live_at__gt=Now()).order_by("live_at", "pk")

    def in_menu(self) -> Self:
        """Editions that have a place in the menu, first one first, without their text."""
        wanted = ("page__slug", "page__language", "title", "menu_title")
        return self.exclude(order=None).order_by("order", "page__slug").only(*wanted)

    def overdue(self) -> Self:
        return self.filter(review__next_review_on__lt=timezone.localdate())


class Edition(PageText):
    """A page's text as readers see it from `live_at` on; kept as it was published, also when a newer one follows."""

    page = models.ForeignKey("content.Page", on_delete=models.CASCADE, related_name="editions")
    live_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )  # nobody: it came with the portal
    reason = models.TextField(blank=True)  # why it was published without sources or without a review

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-live_at", "-pk"]
        indexes: ClassVar = [
            models.Index("page", F("live_at").desc(), condition=Q(withdrawn_at=None), name="edition_of_page"),
        ]

    def __str__(self) -> str:
        return f"{self.page}, {self.live_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return self.page.get_absolute_url()

    @property
    def slug(self) -> str:
        return self.page.slug

    @property
    def language(self) -> str:  # type: ignore[override]
        return self.page.language
