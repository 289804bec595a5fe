"""The versions of a page: listed, compared, restored."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from content.admin.forms import differences
from content.admin.steps import PageSteps
from content.models import Page


class PageVersions(PageSteps):
    compare_template = "admin/content/page/compare.html"
    object_history_template = "admin/content/page/history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Versions, what was published of them, and the steps in between."""
        page = self._seen(request, object_id)
        done = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Page), object_id=str(page.pk)
        ).select_related("user")
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of “{page.title}”",
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "page": page,
            "versions": numbered(page),
            "editions": page.editions.select_related("published_by", "review__reviewed_by").defer("summary", "body"),
            "done": done.order_by("-action_time", "-pk"),
            "may_edit": self.has_change_permission(request, page),
        }
        return TemplateResponse(request, self.object_history_template, context | (extra_context or {}))

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Two versions beside each other: `?old=…&new=…`; without them, the last change."""
        page = self._seen(request, pk)
        versions = numbered(page)
        newest = [version.history_id for version in versions]
        old, new = (self._asked(request, name, newest[at : at + 1]) for name, at in (("old", 1), ("new", 0)))
        found = {version.history_id: version for version in page.history.filter(pk__in=[old, new])}
        by_id = {version.history_id: version for version in versions}
        if old not in found or new not in found:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"Versions of “{page.title}”",
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "page": page,
            "old": by_id[old],
            "new": by_id[new],
            "newest": versions[0],
            "differences": differences(found[old], found[new]),
            "may_edit": self.has_change_permission(request, page),
        }
        return TemplateResponse(request, self.compare_template, context)

    def restore(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Let an old text be the working copy; what it replaces stays a version."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            with transaction.atomic():
                page = get_object_or_404(Page.objects.select_for_update(), pk=pk)
                page.restore(get_object_or_404(page.history, pk=version))
                self.log_change(request, page, f"Restored version {version} as a draft.")
            messages.success(request, "The old text is the working text again. Readers see it once it is published.")
        except ValidationError as error:
            messages.error(request, " ".join(["The old text cannot be restored as it is.", *error.messages]))
        return HttpResponseRedirect(reverse("admin:content_page_change", args=[pk]))

    def _seen(self, request: HttpRequest, pk: int | str) -> Page:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Page, pk=pk)

    @staticmethod
    def _asked(request: HttpRequest, name: str, otherwise: list[int]) -> int | None:
        asked = request.GET.get(name, "")
        if asked.isascii() and asked.isdigit() and len(asked) < 10:
            return int(asked)
        return otherwise[0] if otherwise and not asked else None


def numbered(page: Page) -> list[Any]:
    """The page's versions without their texts, the newest first, each with its number and what came before."""
    versions = page.history.select_related("history_user").defer("summary", "body").order_by("-history_id")
    found = list(versions)
    earlier = None
    for number, version in enumerate(reversed(found), start=1):
        version.number, version.earlier, earlier = number, earlier, version.history_id
    return found
