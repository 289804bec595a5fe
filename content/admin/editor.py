"""The page as staff edit it: the text, what may be inserted, a preview, and who else is at it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from clinic.models import User
from content import views
from content.admin.forms import EditForm, PageForm, differences
from content.admin.insertable import shelves
from content.admin.lists import PageList
from content.admin.standing import Standing
from content.models import Opening, Page

PREVIEW_FRAME = "admin/content/page/preview.html"


class PageEditor(PageList):
    form = EditForm
    view_on_site = False  # the page itself says what readers see, and links to it
    change_form_template = "admin/content/page/change_form.html"
    readonly_fields = ("cites", "updated_at", "old_addresses")
    fieldsets = (
        (None, {"fields": ("title", "summary", "body")}),
        ("Place on the site", {"fields": ("slug", "language", "old_addresses", "menu_title", "order")}),
        ("Sources", {"fields": ("sources_checked", "cites", "updated_at")}),
    )

    def save_model(self, request: HttpRequest, page: Page, form: Any, change: bool) -> None:
        page.save_edit()
        if change and page.status == Page.Status.DRAFT and Standing.of(page).changes:
            messages.info(request, "The text is a draft: readers go on seeing what is published.")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Page | None = None,
    ) -> HttpResponse:
        may_edit = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        language = obj.language if obj else Page._meta.get_field("language").default
        context |= {
            "is_nav_sidebar_enabled": False,  # the width is for the text and its preview
            "title": obj.title if obj else "A new page",
            "subtitle": None,
            "show_save_and_add_another": False,
            "shelves": shelves(language) if may_edit else [],
            "may_edit": may_edit,
            "preview_url": self._preview_url(obj),
        }
        if obj:
            context |= self._about(request, obj, context["adminform"].form, may_edit)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _about(self, request: HttpRequest, page: Page, form: Any, may_edit: bool) -> dict[str, Any]:
        conflict = getattr(form, "conflict", None)
        if may_edit:
            Opening.objects.note(page, by=user_of(request))
        return {
            "standing": Standing.of(page),
            "others": page.openings.by_others(than=user_of(request)),
            "conflict": conflict,
            "yours": differences(conflict.newest, page) if conflict else [],
            "may_review": request.user.has_perm("content.review_page"),
        }

    @staticmethod
    def _preview_url(page: Page | None) -> str:
        if page and page.pk:
            return reverse("admin:content_page_preview", args=[page.pk])
        return reverse("admin:content_page_preview_new")

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the saved text, or the posted one, as readers would see it."""
        typed = request.method == "POST"
        if not (self.has_change_permission(request) if typed else self.has_view_permission(request)):
            raise PermissionDenied
        page = get_object_or_404(Page.objects.with_sources(), pk=pk)
        if not typed:
            return self._as_readers_see(request, page, [])
        Opening.objects.note(page, by=user_of(request))
        return self._preview_typed(request, page)

    def preview_new(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return self._preview_typed(request, Page(slug="new"))

    def _preview_typed(self, request: HttpRequest, page: Page) -> HttpResponse:
        """Nothing is saved, and what is wrong with the text does not keep it from being shown."""
        form = PageForm(request.POST, instance=page)
        found = form.errors.items()
        faults = [error for name, errors in found for error in _told(form, name, errors)]
        page.slug = page.slug or "new"
        page.read_what_it_cites()
        return self._as_readers_see(request, page, faults)

    def _as_readers_see(self, request: HttpRequest, page: Page, faults: list[str]) -> HttpResponse:
        as_data = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
        with translation.override(page.language):
            shown = views.show(request, page, frame="" if as_data else PREVIEW_FRAME, faults=faults)
        if not as_data:
            return shown
        others = page.openings.by_others(than=user_of(request)) if page.pk else []
        names = [str(opening.user) for opening in others]
        return JsonResponse({"html": shown.text, "faults": faults, "others": names})

    @admin.display(description="old addresses, which lead here", empty_value="None")
    def old_addresses(self, page: Page) -> str | None:
        return (", ".join(str(old) for old in page.old_addresses.all()) or None) if page.pk else None

    def cites(self, page: Page) -> SafeString | str:
        sources = page.sources.all() if page.pk else []
        rows = ((reverse("admin:content_source_change", args=[source.pk]), source) for source in sources)
        return format_html_join(SafeString("<br>"), '<a href="{}">{}</a>', rows) or "None yet"


def _told(form: PageForm, name: str, errors: Any) -> list[str]:
    """The errors of a field, with its name where they do not say what is meant."""
    label = form.fields[name].label if name in form.fields else ""
    return [f"{label}: {error}" if error == "This field is required." else str(error) for error in errors]


def user_of(request: HttpRequest) -> User:
    """The signed-in user; the site lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user
