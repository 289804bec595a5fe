from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clinic import outbox
from clinic.crypto import Tampered, UnknownKey
from clinic.models import AuditEvent, ClinicProfile, CrisisLine, Message, MessageQuerySet, User
from clinic.signin.admin import StaffAdmin  # noqa: F401  (registers itself)
from clinic.site import AuditedAdmin, M


class CrisisLineInline(admin.StackedInline[CrisisLine, ClinicProfile]):
    model = CrisisLine
    extra = 0
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}


@admin.register(ClinicProfile)
class ClinicProfileAdmin(AuditedAdmin[ClinicProfile]):
    inlines: ClassVar = [CrisisLineInline]
    fieldsets = (
        (
            "The clinic",
            {"fields": ("name", "physician", "address", "phone", "email", "hours", "hours_es", "confirmed_on")},
        ),
        (
            "What visitors are told",
            {"fields": ("reading_times", "reading_times_es", "reply_within", "reply_within_es")},
        ),
        ("Safety alerts", {"fields": ("alert_emails", "escalation_emails", "escalate_after_minutes")}),
        ("Pages", {"fields": ("review_grace_days",)}),
        ("How long things are kept", {"fields": ("draft_days", "submission_months", "audit_years")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ClinicProfile | None = None) -> bool:
        return False


class ReadOnlyAdmin(AuditedAdmin[M]):
    """What the system writes itself: looked at and filtered, never edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False


class TroubleFilter(admin.SimpleListFilter):
    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "Lately given up, or late")]

    def queryset(self, request: HttpRequest, messages: QuerySet[Message]) -> QuerySet[Message]:
        assert isinstance(messages, MessageQuerySet)
        return messages.in_trouble() if self.value() else messages


class TemplateFilter(admin.SimpleListFilter):
    """By the texts that there are: asking the messages would read them all."""

    title = "template"
    parameter_name = "template"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.replace("_", " ")) for name in outbox.templates()]

    def queryset(self, request: HttpRequest, messages: QuerySet[Message]) -> QuerySet[Message]:
        return messages.filter(template=self.value()) if self.value() else messages


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    """What became of each e-mail; never to whom it went or what it said."""

    FAULTS: ClassVar = {fault.__name__: str(fault()) for fault in (UnknownKey, Tampered)}

    list_display = ("template", "created_at", "is_urgent", "attempts", "due_at", "sent_at", "failed_at", "last_error")
    list_filter: ClassVar = [
        TroubleFilter,
        "created_at",
        TemplateFilter,
        "is_urgent",
        ("sent_at", admin.EmptyFieldListFilter),
        ("failed_at", admin.EmptyFieldListFilter),
    ]
    fields = ("about", *list_display)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="Last error")
    def last_error(self, message: Message) -> str:
        return self.FAULTS.get(message.error, message.error)


class ActorFilter(admin.SimpleListFilter):
    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = ((str(user.pk), str(user)) for user in User.objects.order_by("first_name", "email"))
        return [("nobody", "Visitors and the system"), *staff]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        value = self.value() or ""
        if value == "nobody":
            return queryset.filter(actor=None)
        return queryset.filter(actor=int(value)) if value.isascii() and value.isdigit() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    """Who did what. A row is part of a chain that `verify_audit` checks."""

    list_display = ("at", "actor", "action", "kind", "reference", "detail", "reason", "address")
    list_display_links = ("at",)
    list_filter: ClassVar = ["at", ActorFilter, "action"]
    list_select_related = ("actor",)
    fields = ("at", "actor", "action", "kind", "record", "reference", "detail", "reason", "address")
    search_fields = ("reference__exact",)
    search_help_text = "Exact reference"
    ordering = ("-pk",)
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The table needs the width of the menu."""
        context = {"title": "Audit record", "is_nav_sidebar_enabled": False}
        return super().changelist_view(request, context | (extra_context or {}))
