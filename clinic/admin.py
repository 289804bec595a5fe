from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clinic.models import AuditEvent, ClinicProfile, CrisisLine, Message, User
from clinic.site import AuditedAdmin, M

admin.site.unregister(Group)  # the roles are a table in the code


class StaffCreationForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)


class StaffChangeForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "is_active", "groups")
        labels: ClassVar = {"groups": "Role"}
        widgets: ClassVar = {"groups": forms.CheckboxSelectMultiple}
        help_texts: ClassVar = {
            "groups": "Front desk: contact details and status. Clinician: everything that patients sent. "
            "Manager: settings, pages, people and the audit log.",
            "is_active": "Take the mark away when somebody leaves: what they did stays on record under their name.",
        }


@admin.register(User)
class StaffAdmin(AuditedAdmin[User], UserAdmin[User]):
    """Accounts of staff. A role is a group of the table in clinic/roles.py; nobody changes their own."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    list_display = ("email", "first_name", "last_name", "roles", "is_active", "last_login")
    list_filter: ClassVar = ["is_active", "groups"]
    search_fields: ClassVar = ["email", "first_name", "last_name"]
    ordering: ClassVar = ["email"]
    filter_horizontal: ClassVar = []
    fieldsets: ClassVar = [
        (None, {"fields": ["email", "first_name", "last_name"]}),
        ("What this person may do", {"fields": ["groups", "is_active"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = ((None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]}),)

    @admin.display(description="Role")
    def roles(self, user: User) -> str:
        named = ["Everything"] * user.is_superuser + [group.name for group in user.groups.all()]
        return ", ".join(named) or "None"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        dates = ["last_login", "date_joined"]
        return [*dates, "groups", "is_active"] if obj == request.user else dates

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Only a superuser changes a superuser."""
        allowed = super().has_change_permission(request, obj)
        return allowed and not (obj and obj.is_superuser and not request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """An account is deactivated: records keep naming it."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Whoever sets another's password could sign in as them."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)


class CrisisLineInline(admin.StackedInline[CrisisLine, ClinicProfile]):
    model = CrisisLine
    extra = 0
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}


@admin.register(ClinicProfile)
class ClinicProfileAdmin(AuditedAdmin[ClinicProfile]):
    inlines: ClassVar = [CrisisLineInline]

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


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    """What became of each e-mail; never to whom it went or what it said."""

    list_display = ("template", "created_at", "is_urgent", "attempts", "due_at", "sent_at", "failed_at", "error")
    list_filter: ClassVar = [
        "template",
        "is_urgent",
        ("sent_at", admin.EmptyFieldListFilter),
        ("failed_at", admin.EmptyFieldListFilter),
    ]
    fields = ("about", *list_display)
    date_hierarchy = "created_at"


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin[AuditEvent]):
    """Who did what. A row is part of a chain that `verify_audit` checks."""

    list_display = ("at", "actor", "action", "kind", "reference", "detail", "reason", "address")
    list_display_links = ("at",)
    list_filter: ClassVar = ["action", "kind", ("actor", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ("actor",)
    fields = ("at", "actor", "action", "kind", "record", "reference", "detail", "reason", "address")
    search_fields = ("reference__exact",)
    search_help_text = "The exact reference of a submission, or the name of another record."
    ordering = ("-pk",)
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
