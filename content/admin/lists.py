"""The list of pages: how each stands, in the same number of queries for one and for all."""

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from content.admin.proposals import ProposalFilter, ProposingAdmin
from content.models import Edition, Page, PageQuerySet


class ReviewFilter(admin.SimpleListFilter):
    title = "clinical review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting for a clinician"), ("none", "Never reviewed"), ("overdue", "Overdue")]

    def queryset(self, request: HttpRequest, pages: QuerySet[Page]) -> QuerySet[Page]:
        assert isinstance(pages, PageQuerySet)
        match self.value():
            case "waiting":
                return pages.filter(pk__in=Page.objects.awaiting_review())
            case "none":
                return pages.filter(review=None)
            case "overdue":
                return pages.overdue()
        return pages


class PageList(ProposingAdmin[Page]):
    list_display = ("title", "address", "language", "stage", "readers_see", "review_state", "next_review")
    list_select_related = ("review__reviewed_by",)
    list_filter: ClassVar = ("status", ReviewFilter, ProposalFilter, "language")
    search_fields = ("slug", "title", "summary", "body")
    actions = None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The table needs the width of the menu."""
        context = {"title": "Pages", "is_nav_sidebar_enabled": False}
        return super().changelist_view(request, context | (extra_context or {}))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        live = Prefetch("editions", Edition.objects.live(), to_attr="live_editions")
        coming = Prefetch("editions", Edition.objects.scheduled().defer("summary", "body"), to_attr="coming")
        return super().get_queryset(request).prefetch_related(live, coming)

    @admin.display(ordering="slug")
    def address(self, page: Page) -> str:
        return page.get_absolute_url()

    @admin.display(description="status", ordering="status")
    def stage(self, page: Page) -> str:
        """The status, and what it waits for."""
        waits = ", signed" if page.is_reviewed else ", waits for a clinician"
        text = page.get_status_display() + (waits if page.status == Page.Status.REVIEW else "")
        return f"{text}. A new text came with the portal" if page.proposal else text

    @admin.display(description="readers see")
    def readers_see(self, page: Page) -> str:
        live: list[Edition] = page.live_editions  # type: ignore[attr-defined]
        coming: list[Edition] = page.coming  # type: ignore[attr-defined]
        text = "nothing" if not live else "this text" if page.has_text_of(live[0]) else "an older text"
        if live:
            text += f" since {date_format(timezone.localtime(live[0].live_at))}"
        return f"{text}, the next on {date_format(timezone.localtime(coming[0].live_at))}" if coming else text

    @admin.display(description="review")
    def review_state(self, page: Page) -> str:
        if not page.is_reviewed:
            return "Awaiting clinical review" + (" of the edited text" if page.review else "")
        assert page.review
        return "Overdue" if page.review.is_overdue else f"Reviewed by {page.review.reviewed_by.get_full_name()}"

    @admin.display(description="next review")
    def next_review(self, page: Page) -> date | None:
        return page.review.next_review_on if page.review else None
