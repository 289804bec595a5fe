"""What the texts stand on: sources and explained words, each with the pages that use it."""

from collections.abc import Iterable, Sequence

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from content.admin.proposals import ProposalFilter, ProposingAdmin
from content.models import Page, Source, Term


def _linked(pages: Iterable[Page]) -> SafeString | str:
    rows = ((reverse("admin:content_page_change", args=[page.pk]), page) for page in pages)
    return format_html_join(", ", '<a href="{}">{}</a>', rows) or "No page yet"


@admin.register(Source)
class SourceAdmin(ProposingAdmin[Source]):
    list_display = ("key", "authors", "title", "container", "year", "mark")
    list_filter = ("mark", ProposalFilter)
    search_fields = ("key", "authors", "title", "container")
    readonly_fields = ("used_by", "updated_at")
    fields = ("key", "authors", "title", "container", "year", "doi", "url", "note", "mark", "used_by", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        """Pages cite the key, so it stays what it is."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def used_by(self, source: Source) -> SafeString | str:
        """Pages that cite it in their text or in something published."""
        return _linked(source.pages.all()) if source.pk else "No page yet"


@admin.register(Term)
class TermAdmin(ProposingAdmin[Term]):
    list_display = ("name", "language", "definition")
    list_filter = ("language", ProposalFilter)
    search_fields = ("key", "name", "forms", "definition")
    prepopulated_fields = {"key": ("name",)}
    readonly_fields = ("used_by", "updated_at")
    fields = ("name", "key", "language", "forms", "definition", "used_by", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> tuple[str, ...]:
        """Links to the word hold its key."""
        return (*self.readonly_fields, "key", "language") if obj else self.readonly_fields

    def get_prepopulated_fields(self, request: HttpRequest, obj: Term | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"key": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Term | None = None) -> bool:
        """A word that a page marks keeps its explanation."""
        return super().has_delete_permission(request, obj) and not (obj and obj.pages)

    def used_by(self, term: Term) -> SafeString | str:
        return _linked(term.pages) if term.pk else "No page yet"
