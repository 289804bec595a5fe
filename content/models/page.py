from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import timezone, translation
from simple_history.models import HistoricalRecords

from content import markdown
from content.models.edition import Edition, PageText, PageTextQuerySet
from content.models.publishing import Publishable
from content.models.redirect import Redirect
from content.models.source import Citation, Source
from content.models.start_text import StartText, languages
from content.models.term import Term
from content.rendering import Definition, Reference

HOME = "home"


class PageQuerySet(PageTextQuerySet["Page"]):
    PAGE = "pk"
    LANGUAGE = "language"

    def overdue(self) -> Self:
        """Pages whose text on the site should have been reviewed again."""
        return self.filter(pk__in=Edition.objects.live().overdue().values("page"))

    def in_review(self) -> Self:
        """Pages that were sent to clinical review: signed ones wait for a manager, the others for a clinician."""
        return self.filter(status=Page.Status.REVIEW).select_related("review")

    def awaiting_review(self) -> Self:
        """Pages sent to clinical review whose text nobody has signed. Asks at once: a digest is no column."""
        return self.filter(pk__in=[page.pk for page in self.in_review() if not page.is_reviewed])


class Page(Publishable, StartText):
    """A page as staff work on it. Readers see its editions."""

    slug = models.SlugField(help_text="The page's address: “types” for /types/.")
    language = models.CharField(max_length=10, choices=languages, default="en")
    updated_at = models.DateTimeField(auto_now=True)
    sources = models.ManyToManyField(Source, through="Citation", related_name="pages")

    history = HistoricalRecords(excluded_fields=["status", "review", "updated_at", "start_digest", "proposal"])

    START_FIELDS = PageText.TEXT_FIELDS
    VERSION_FIELDS: ClassVar = (*PageText.TEXT_FIELDS, "slug", "language")
    LINKED_EVERYWHERE: ClassVar = frozenset({HOME, "get-help-now", "privacy", "accessibility"})

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
        """Save, keep the record of what the page cites, and a version where the text is another one.

        An address that readers may know goes on leading here when the page gets another one.
        A key without a source raises ValueError.
        """
        if not self._is_new_version(kwargs.get("update_fields")):
            self.skip_history_when_saving = True
        try:
            with transaction.atomic():
                before = Page.objects.filter(pk=self.pk).values_list("slug", "language").first() if self.pk else None
                super().save(*args, **kwargs)
                self._keep_citations()
                if before:
                    self._keep_old_address(*before)
        finally:
            self.__dict__.pop("skip_history_when_saving", None)
            self.__dict__.pop("_change_reason", None)

    def clean(self) -> None:
        # A browser's text box sends other line ends; they are no edit.
        self.summary, self.body = (text.replace("\r\n", "\n").strip() for text in (self.summary, self.body))
        errors = {name: markdown.faults(getattr(self, name)) for name in ("summary", "body")}
        errors["body"] += [f"No source has the key {key}." for key in sorted(self._unknown_keys(self.cited_keys))]
        errors["body"] += [f"The glossary has no word “{form}”." for form in sorted(self._unknown_forms())]
        errors["slug"] = [] if self._has_own_address() else ["This address belongs to another part of the site."]
        if any(errors.values()):
            raise ValidationError({name: found for name, found in errors.items() if found})

    @property
    def is_ours(self) -> bool:
        """A text that a clinician has signed is not replaced by one that nobody did."""
        return self.is_edited or self.is_reviewed

    @property
    def last_version(self) -> Any:
        """The newest version, or None: a row of `history`, which holds VERSION_FIELDS, who and when."""
        return self.history.select_related("history_user").order_by("-history_id").first()

    def lock(self) -> None:
        """Hold the row until the transaction ends, and read what others decided about it meanwhile."""
        Page.objects.select_for_update().only("pk").get(pk=self.pk)
        self.refresh_from_db(fields=["status", "review", "start_digest", "proposal"])

    @transaction.atomic
    def save_edit(self, why: str = "") -> None:
        """Save what staff wrote: another text than the stored one is a draft. Readers see no change. Saves."""
        stored = Page.objects.filter(pk=self.pk).first()
        if stored and any(getattr(stored, name) != getattr(self, name) for name in self.TEXT_FIELDS):
            self.status = self.Status.DRAFT
        self._change_reason = why
        self.save()

    @transaction.atomic
    def restore(self, version: Any) -> None:
        """Let an old version's text be the working copy again. Raises ValidationError. Saves."""
        for name in self.TEXT_FIELDS:
            setattr(self, name, getattr(version, name))
        self.full_clean()
        self.save_edit(f"restored from version {version.history_id}")

    @transaction.atomic
    def take_proposal(self) -> None:
        """Let the start text that waits be the working copy; readers see it when it is published. Saves."""
        self._become(self.proposed)
        self.save_edit("taken from the new text that came with the portal")

    def take_start(self, values: Mapping[str, object]) -> None:
        """Become the start text; readers see it unless staff took the page off the site. Saves."""
        shown = self.pk is None or self.status == self.Status.PUBLISHED
        self._change_reason = "came with the portal"
        super().take_start(values)
        if shown:
            self.publish()

    def read_what_it_cites(self) -> None:
        """Make an unsaved text ready for `rendered`, as `with_sources` does for a stored one."""
        sources = Source.objects.filter(key__in=self.cited_keys).order_by("key")
        self.source_rows = list(sources.values(*Reference.__annotations__))
        terms = Term.objects.filter(language=self.language).order_by("key")
        self.term_rows = list(terms.values(*Definition.__annotations__))

    def _is_new_version(self, saved: Collection[str] | None) -> bool:
        if saved is not None and not set(saved) & set(self.VERSION_FIELDS):
            return False
        last = self.last_version if self.pk else None
        return last is None or any(getattr(last, name) != getattr(self, name) for name in self.VERSION_FIELDS)

    def _unknown_keys(self, keys: Collection[str]) -> set[str]:
        return set(keys) - set(Source.objects.filter(key__in=keys).values_list("key", flat=True))

    def _unknown_forms(self) -> set[str]:
        """What the text marks as a word of the glossary, and the glossary does not have."""
        known = Term.objects.filter(language=self.language).values_list("forms", flat=True)
        return markdown.marked_forms(self.summary, self.body) - {form for forms in known for form in forms.splitlines()}

    def _keep_old_address(self, slug: str, language: str) -> None:
        now = Page.objects.filter(pk=self.pk).values_list("slug", "language").get()
        if now == (slug, language):
            return
        Redirect.objects.filter(page=self, slug=now[0], language=now[1]).delete()
        was_live = self.editions.filter(live_at__lte=timezone.now()).exclude(withdrawn_at__lte=F("live_at")).exists()
        if was_live and slug != HOME:
            Redirect.objects.update_or_create(slug=slug, language=language, defaults={"page": self})

    def _has_own_address(self) -> bool:
        try:
            with translation.override(self.language):
                return resolve(self.get_absolute_url()).view_name in ("content:home", "content:page")
        except (NoReverseMatch, Resolver404):
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
