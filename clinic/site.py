import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

from csp.decorators import csp_replace
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver

from clinic import audit
from clinic.models import AuditEvent
from clinic.paging import NearPaginator
from clinic.signin import session

PAGE_NUMBER = re.compile(r"[0-9]{1,6}")

M = TypeVar("M", bound=models.Model)
V = TypeVar("V", bound=Callable[..., Any])


class StaffSite(admin.AdminSite):
    site_header = "Review desk"
    site_title = "Review desk"
    index_title = "Review desk"

    def has_permission(self, request: HttpRequest) -> bool:
        """Every page of the site asks this: outside a trial it opens to who has passed a second factor, only."""
        return super().has_permission(request) and session.is_complete(request)

    def admin_view(self, view: V, cacheable: bool = False) -> V:
        return cast(V, csp_replace({"require-trusted-types-for": None})(super().admin_view(view, cacheable)))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Django's own, but not the one that leads from any row's id to its page, whoever asks: nothing links to it."""
        return [address for address in super().get_urls() if getattr(address, "name", "") != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start page lists submissions by their references; who sees that is on record."""
        told = any(request.user.has_perm(f"intake.{name}") for name in ("view_submission", "erase_submission"))
        if isinstance(request.user, models.Model) and told:
            audit.record(AuditEvent.Action.LISTED, by=request.user, kind="submission", detail="start page")
        return super().index(request, extra_context)


class AuditedAdmin(admin.ModelAdmin[M]):
    """Every change made in the admin is on record: which row and which fields, never the values."""

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NearPaginator:
        page = request.GET.get(PAGE_VAR, "")
        return NearPaginator(*args, **kwargs, page=int(page) if PAGE_NUMBER.fullmatch(page) else 1)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django looks for the row before it asks who wants to know, and so tells everybody what is there."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        self._record(request, AuditEvent.Action.ADDED, obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        self._record(request, AuditEvent.Action.CHANGED, obj, _in_words(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: models.QuerySet[M]) -> Any:
        for obj in queryset:
            self._record(request, AuditEvent.Action.DELETED, obj)
        return super().log_deletions(request, queryset)

    def _record(self, request: HttpRequest, action: AuditEvent.Action, obj: M, detail: str = "") -> None:
        assert isinstance(request.user, models.Model)
        kind = self.opts.model_name or ""
        audit.record(action, by=request.user, kind=kind, record=obj.pk, reference=str(obj), detail=detail)


def _in_words(message: Any) -> str:
    """Django's change message as the names of the fields, with those of rows below it."""
    if isinstance(message, str):
        return message
    fields = [name for part in message for what in part.values() for name in what.get("fields", [])]
    return ", ".join(dict.fromkeys(fields))
