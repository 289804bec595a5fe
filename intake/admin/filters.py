"""The filters beside the list of submissions."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from intake.models import Submission, Tag
from intake.summary import SPOKEN

Choices = list[tuple[str, str]]


class StatusFilter(admin.SimpleListFilter):
    """Shows what still needs somebody unless another status, or all, is asked for.

    What may be spam is a pile of its own while it is open, unless the filter "may be spam" asks for it.
    """

    title = "status"
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        """Erased ones are shown only when they are asked for: they are no part of all."""
        return [
            ("suspect", "May be spam"),
            ("all", "All"),
            *((value, str(label)) for value, label in Submission.Status.choices),
        ]

    def choices(self, changelist: Any) -> Any:
        """The first choice is the one without a parameter; here it is not "All"."""
        first, *others = super().choices(changelist)
        yield {**first, "display": "Open"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        asked_for = "is_suspect__exact" in request.GET
        shown = queryset.filter(status__in=Submission.OPEN) if asked_for else queryset.open()
        match self.value():
            case None:
                return shown
            case "suspect":
                return queryset.suspect()
            case "all":
                return queryset.kept()
        rows = shown if self.value() in Submission.OPEN else queryset
        return rows.filter(status=self.value())


class AlertFilter(admin.SimpleListFilter):
    title = "safety alerts"
    parameter_name = "alert"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("unresolved", "Not resolved"), ("resolved", "All resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        match self.value():
            case "unresolved":
                return queryset.filter(open_risk__gt=0)
            case "resolved":
                return queryset.filter(open_risk=0, risk__gt=0)
        return queryset


class AssigneeFilter(admin.SimpleListFilter):
    title = "who works on it"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("me", "Me"), ("nobody", "Nobody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        match self.value():
            case "me":
                return queryset.filter(assignee=request.user)
            case "nobody":
                return queryset.filter(assignee=None)
        return queryset


class DueFilter(admin.SimpleListFilter):
    title = "next contact"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("now", "Due today or before")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        return queryset.filter(next_contact_on__lte=timezone.localdate()) if self.value() else queryset


class TagFilter(admin.SimpleListFilter):
    title = "tag"
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(tag.pk), tag.name) for tag in Tag.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        value = self.value() or ""
        return queryset.filter(tags=int(value)) if value.isascii() and value.isdigit() else queryset


class EndingFilter(admin.SimpleListFilter):
    title = "erasure and hold"
    parameter_name = "ending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("asked", "Erasure asked for"), ("held", "On legal hold")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        match self.value():
            case "asked":
                return queryset.filter(erasure_asked_at__isnull=False, erased_at=None)
            case "held":
                return queryset.filter(held_at__isnull=False)
        return queryset


class Phq9Filter(admin.SimpleListFilter):
    title = "PHQ-9 band"
    parameter_name = "phq9"

    INCOMPLETE = "incomplete"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        bands = [(code, str(label).capitalize()) for code, label in SPOKEN.items()]
        return [*reversed(bands), (self.INCOMPLETE, "Not complete")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if self.value() is None:
            return queryset
        return queryset.filter(phq9_band="" if self.value() == self.INCOMPLETE else self.value())


class LanguageFilter(admin.SimpleListFilter):
    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return settings.LANGUAGES if len(settings.LANGUAGES) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        return queryset.filter(language=self.value()) if self.value() else queryset
