"""A new start text that waits beside what staff made of the old one: compared, then taken or let go."""

from typing import Any, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from clinic.site import AuditedAdmin
from content.comparison import compare
from content.models import StartText

S = TypeVar("S", bound=StartText)


class ProposalFilter(admin.SimpleListFilter):
    title = "new text with the portal"
    parameter_name = "new"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "Waits for a decision")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(proposal__isnull=False) if self.value() else rows


class ProposingAdmin(AuditedAdmin[S]):
    """The admin of rows that come with the portal."""

    proposal_template = "admin/content/proposal.html"

    def has_delete_permission(self, request: HttpRequest, obj: S | None = None) -> bool:
        """What comes with the portal would return at the next start."""
        return super().has_delete_permission(request, obj) and not (obj and obj.start_digest)

    def get_urls(self) -> list[URLPattern]:
        name = f"content_{self.opts.model_name}_proposal"
        view = self.admin_site.admin_view(self.proposal)
        return [path("<int:pk>/new-text/", view, name=name), *super().get_urls()]

    def proposal(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compare; posted, decide."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.model, pk=pk)
        try:
            if request.method == "POST":
                self._decide(request, row)
            else:
                return self._comparison(request, row)
        except ValidationError as error:
            messages.error(request, " ".join(["The text cannot be taken as it is.", *error.messages]))
        except ObjectDoesNotExist:
            messages.info(request, "No new text waits.")
        return HttpResponseRedirect(reverse(f"admin:content_{self.opts.model_name}_change", args=[pk]))

    @transaction.atomic
    def _decide(self, request: HttpRequest, row: S) -> None:
        row = type(row)._base_manager.select_for_update().get(pk=row.pk)
        if request.POST.get("decision") == "take":
            row.take_proposal()
            said = "Took the new text that came with the portal."
        else:
            row.keep_ours()
            said = "Kept the text as it is, instead of the new one that came with the portal."
        self.log_change(request, row, said)
        messages.success(request, said)

    def _comparison(self, request: HttpRequest, row: S) -> HttpResponse:
        waiting = type(row)(**row.proposed)
        labels = {name: str(self.opts.get_field(name).verbose_name) for name in row.START_FIELDS}  # type: ignore[union-attr]
        context = {
            **self.admin_site.each_context(request),
            "title": f"New text for {row}",
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "row": row,
            "differences": compare(row, waiting, row.START_FIELDS, labels),
            "is_page": self.opts.model_name == "page",
        }
        return TemplateResponse(request, self.proposal_template, context)
