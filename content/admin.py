from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from clinic.models import User
from clinic.site import AuditedAdmin
from content import views
from content.models import Page, PageQuerySet, Source


class ReviewFilter(admin.SimpleListFilter):
    title = "clinical review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "Never reviewed"), ("overdue", "Overdue")]

    def queryset(self, request: HttpRequest, pages: QuerySet[Page]) -> QuerySet[Page]:
        assert isinstance(pages, PageQuerySet)
        if self.value() == "none":
            return pages.filter(review=None)
        return pages.overdue() if self.value() == "overdue" else pages


@admin.register(Page)
class PageAdmin(AuditedAdmin[Page]):
    list_display = ("slug", "language", "title", "status", "review_state", "next_review", "sources_checked")
    list_select_related = ("review__reviewed_by",)
    list_filter = ("status", "language", ReviewFilter)
    search_fields = ("slug", "title", "summary", "body")
    actions = ("mark_reviewed",)
    view_on_site = False  # a draft is not on it: the preview link shows both
    readonly_fields = ("status", "review_state", "last_review", "next_review", "cites", "preview_link", "updated_at")
    fieldsets = (
        (None, {"fields": ("title", "summary", "body", "cites", "preview_link")}),
        ("Place on the site", {"fields": ("status", "slug", "language", "menu_title", "order")}),
        (
            "Review",
            {"fields": ("sources_checked", "review_state", "last_review", "next_review", "updated_at")},
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """A page that comes with the portal would return at the next start: it becomes a draft instead."""
        return super().has_delete_permission(request, obj) and not (obj and obj.start_digest)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("content.review_page")

    @admin.action(description="Mark as reviewed by me today", permissions=["review"])
    @transaction.atomic
    def mark_reviewed(self, request: HttpRequest, pages: PageQuerySet) -> None:
        assert isinstance(request.user, User)
        try:
            for page in pages:
                page.mark_reviewed(by=request.user)
                self.log_change(request, page, "Signed the clinical review.")
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
        else:
            self.message_user(request, f"Marked as reviewed: {', '.join(str(page) for page in pages)}.")

    @admin.display(description="review")
    def review_state(self, page: Page) -> str:
        if not page.is_reviewed:
            return "Awaiting clinical review" + (" of the edited text" if page.review else "")
        assert page.review
        return "Overdue" if page.review.is_overdue else "Reviewed"

    @admin.display(description="last review", empty_value="None yet")
    def last_review(self, page: Page) -> str | None:
        review = page.review
        return f"{date_format(review.reviewed_on)} by {review.reviewed_by.get_full_name()}" if review else None

    @admin.display(description="next review")
    def next_review(self, page: Page) -> date | None:
        return page.review.next_review_on if page.review else None

    @admin.display(description="sources")
    def cites(self, page: Page) -> SafeString | str:
        sources = page.sources.all() if page.pk else Source.objects.none()
        rows = ((reverse("admin:content_source_change", args=[source.pk]), source) for source in sources)
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>', rows) or "None yet"

    @admin.display(description="preview")
    def preview_link(self, page: Page) -> SafeString | str:
        if not page.pk:
            return "After the first save"
        url = reverse("admin:content_page_preview", args=[page.pk])
        return format_html('<a href="{}">See the saved text as readers will</a>', url)

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(never_cache(self.preview))
        return [path("<int:pk>/preview/", preview, name="content_page_preview"), *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        page = get_object_or_404(Page.objects.with_sources(), pk=pk)
        if not self.has_view_permission(request, page):
            raise PermissionDenied
        with translation.override(page.language):
            return views.show(request, page)


@admin.register(Source)
class SourceAdmin(AuditedAdmin[Source]):
    list_display = ("key", "authors", "title", "container", "year", "mark")
    list_filter = ("mark",)
    search_fields = ("key", "authors", "title", "container")
    readonly_fields = ("cited_by", "updated_at")
    fields = ("key", "authors", "title", "container", "year", "doi", "url", "note", "mark", "cited_by", "updated_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        """Pages cite the key, so it stays what it is."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    @admin.display(description="cited by")
    def cited_by(self, source: Source) -> SafeString | str:
        pages = source.pages.all() if source.pk else Page.objects.none()
        rows = ((reverse("admin:content_page_change", args=[page.pk]), page) for page in pages)
        return format_html_join(", ", '<a href="{}">{}</a>', rows) or "No page yet"
