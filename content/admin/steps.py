"""The way of a text to its readers: draft, clinical review, published. Each step is on record."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from content.admin.editor import PageEditor, user_of
from content.admin.forms import PublishForm
from content.admin.standing import Standing
from content.models import Edition, Page

ANOTHER_TEXT = "Somebody saved another text since you opened this page. Nothing was done: look at the text first."


class PageSteps(PageEditor):
    publish_template = "admin/content/page/publish.html"

    def submit(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(page: Page) -> str:
            page.submit_for_review()
            return "Sent to clinical review."

        return self._step(request, pk, self.has_change_permission(request), act)

    def sign(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(page: Page) -> str:
            page.mark_reviewed(by=user_of(request))
            return "Signed the clinical review."

        return self._step(request, pk, request.user.has_perm("content.review_page"), act)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        def act(page: Page) -> str:
            page.withdraw()
            return "Taken off the site."

        return self._step(request, pk, self.has_change_permission(request), act, any_text=True)

    def cancel(self, request: HttpRequest, pk: int, edition: int) -> HttpResponse:
        def act(page: Page) -> str:
            try:
                page.cancel(get_object_or_404(Edition, page=page, pk=edition))
            except Edition.DoesNotExist:
                raise ValidationError("Readers see this edition already: publish another one.") from None
            return f"Called off edition {edition}."

        return self._step(request, pk, self.has_change_permission(request), act, any_text=True)

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what would change for readers and what stands against it; posted, publish it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        page = get_object_or_404(Page.objects.select_related("review__reviewed_by"), pk=pk)
        form = PublishForm(page, request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self._publish_page(request, page, form)

        def act(page: Page) -> str:
            against = page.obstacles
            edition = page.publish(by=user_of(request), **form.cleaned_data)
            return _published(edition, against)

        return self._step(request, pk, True, act)

    def _publish_page(self, request: HttpRequest, page: Page, form: PublishForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Publish “{page.title}”",
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "page": page,
            "standing": Standing.of(page),
            "form": form,
        }
        return TemplateResponse(request, self.publish_template, context, status=422 if form.is_bound else 200)

    def _step(
        self, request: HttpRequest, pk: int, may: bool, act: Callable[[Page], str], *, any_text: bool = False
    ) -> HttpResponse:
        """Take one step with the text that the user saw; `act` says what was done, for the user and the record."""
        if not may:
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            with transaction.atomic():
                page = get_object_or_404(Page.objects.select_for_update(), pk=pk)
                if not any_text and request.POST.get("text") != page.digest:
                    raise ValidationError(ANOTHER_TEXT)
                said = act(page)
                self.log_change(request, page, said)
            messages.success(request, said)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("admin:content_page_change", args=[pk]))


def _published(edition: Edition, against: list[str]) -> str:
    """What the record says: the reason itself stays with the edition."""
    at = date_format(timezone.localtime(edition.live_at), "DATETIME_FORMAT")
    later = edition.live_at > timezone.now()
    said = f"To be published on {at} as edition {edition.pk}" if later else f"Published as edition {edition.pk}"
    return f"{said}, for a reason kept with it, although: {' '.join(against)}" if against else f"{said}."
