"""The inbox: the list with its search and its saved views, and the addresses of everything below it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from clinic import audit
from clinic.models import AuditEvent
from intake.admin.erasures import SubmissionErasures
from intake.admin.everything import SubmissionEverything
from intake.admin.filters import StatusFilter
from intake.admin.forms import ViewForm
from intake.admin.linking import SubmissionLinks
from intake.admin.page import staff
from intake.admin.pile import SubmissionPile
from intake.admin.search import SearchForm
from intake.models import SavedView, Submission


@admin.register(Submission)
class SubmissionAdmin(SubmissionPile, SubmissionLinks, SubmissionErasures, SubmissionEverything):
    change_list_template = "admin/intake/submission/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """Only these: there is nothing to add, edit or delete, and the history is on the page."""
        addresses: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
            "": ("changelist", self.changelist_view),
            "export/": ("export_list", self.export_list),
            "erasures/": ("erasure_list", self.erasure_list),
            "views/keep/": ("keep_view", self.keep_view),
            "views/<int:pk>/forget/": ("forget_view", self.forget_view),
            "<uuid:pk>/change/": ("change", self.page),
            "<uuid:pk>/print/": ("print", self.print_one),
            "<uuid:pk>/export/": ("export", self.export_one),
            "<uuid:pk>/everything/": ("everything", self.everything),
            "<uuid:pk>/erasure/": ("erasure", self.erasure),
            "<uuid:pk>/status/": ("move", self.move),
            "<uuid:pk>/assign/": ("assign", self.assign),
            "<uuid:pk>/due/": ("due", self.due),
            "<uuid:pk>/tags/": ("tag", self.tag),
            "<uuid:pk>/contact/": ("contact", self.contact),
            "<uuid:pk>/reply/": ("reply", self.reply),
            "<uuid:pk>/note/": ("note", self.note),
            "<uuid:pk>/link/<uuid:other>/": ("link", self.link),
            "<uuid:pk>/alert/<uuid:alert>/acknowledge/": ("acknowledge", self.acknowledge),
            "<uuid:pk>/alert/<uuid:alert>/resolve/": ("resolve", self.resolve),
        }
        return [
            path(address, self.admin_site.admin_view(view), name=f"intake_submission_{name}")
            for address, (name, view) in addresses.items()
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a search is posted, so that no address or log line ever holds an e-mail or a phone number."""
        is_search = request.method == "POST" and "action" not in request.POST
        search = SearchForm(request.POST if is_search else None)
        if is_search and (found := self._search(request, search)):
            return HttpResponseRedirect(self._address_of(found))
        if request.method == "POST" and not is_search and not self.shows_pile(request):
            raise PermissionDenied
        context = {"title": "Submissions", "search": search, "is_nav_sidebar_enabled": False}
        context |= self._views(request) | self._suspects(request)
        response = super().changelist_view(request, context | (extra_context or {}))
        if request.method == "GET" and response.status_code == 200:
            narrowed = sorted(self.LOOKUPS & request.GET.keys()) + ["with messages"] * self.shows_pile(request)
            audit.record(AuditEvent.Action.LISTED, by=staff(request), kind="submission", detail=", ".join(narrowed))
        return response

    def _search(self, request: HttpRequest, search: SearchForm) -> list[Submission]:
        """What was searched for; where that is nothing the form says so."""
        self._require(request)
        found = list(search.found) if search.is_valid() else []
        audit.record(AuditEvent.Action.SEARCHED, by=staff(request), kind="submission", detail=f"{len(found)} found")
        if search.is_valid() and not found:
            search.add_error("text", "No submission has this reference, e-mail address or phone number.")
        return found

    @staticmethod
    def _address_of(found: list[Submission]) -> str:
        if len(found) == 1:
            return found[0].get_absolute_url()
        query = {"show": "all", "id__in": ",".join(str(submission.pk) for submission in found)}
        return f"{reverse('admin:intake_submission_changelist')}?{urlencode(query)}"

    def _views(self, request: HttpRequest) -> dict[str, Any]:
        """The saved views, the filter that could be kept, and the user's own view that shows it now."""
        query = self._kept_query(request.GET.urlencode())
        return {"views": SavedView.objects.of(staff(request)), "query": query}

    def _suspects(self, request: HttpRequest) -> dict[str, Any]:
        """How many may be spam, so that the pile is never out of sight."""
        showing = request.GET.get(StatusFilter.parameter_name) == "suspect"
        may = self.shows_pile(request)
        return {"suspects": Submission.objects.suspect().count(), "showing_suspects": showing, "may_close_many": may}

    def _kept_query(self, query: str) -> str:
        """What of a list's address a view keeps: its filters and its order, nothing that was searched for."""
        kept = (self.LOOKUPS - {"id__in"}) | {"o"}
        return urlencode([(name, value) for name, value in parse_qsl(query) if name in kept and value.isprintable()])

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Keep a filter under a name; the same name again replaces the user's own view."""
        self._require(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        owner, name = staff(request), request.POST.get("name", "").strip()
        known = SavedView.objects.filter(owner=owner, name=name).first() or SavedView(owner=owner)
        query = self._kept_query(request.POST.get("query", ""))
        form = ViewForm({**request.POST.dict(), "query": query}, instance=known)
        if form.is_valid():
            form.save()
            messages.success(request, f"The view “{known.name}” is kept.")
        else:
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return self._list(query)

    def forget_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._require(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        view = get_object_or_404(SavedView, pk=pk, owner=staff(request))
        view.delete()
        messages.success(request, f"The view “{view.name}” is gone.")
        return self._list("")

    @staticmethod
    def _list(query: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:intake_submission_changelist") + (f"?{query}" if query else ""))

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._require(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        rows = Submission.objects.select_related("consent", "held_by", "erasure_asked_by", "erased_by")
        return self._page(request, get_object_or_404(rows, pk=pk))
