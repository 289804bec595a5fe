from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import models
from django.http import HttpRequest

from clinic.models import ClinicProfile, CrisisLine, Message, User


class StaffCreationForm(AdminUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)


class StaffChangeForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, Any]] = {}


@admin.register(User)
class StaffAdmin(UserAdmin[User]):
    form = StaffChangeForm
    add_form = StaffCreationForm
    list_display = ("email", "first_name", "last_name", "is_active", "last_login")
    list_filter: ClassVar = ["is_active", "is_superuser", "groups"]
    search_fields: ClassVar = ["email", "first_name", "last_name"]
    ordering: ClassVar = ["email"]
    readonly_fields: ClassVar = ["last_login", "date_joined"]
    fieldsets: ClassVar = [
        (None, {"fields": ["email", "password", "first_name", "last_name"]}),
        (
            "What this person may do",
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = ((None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]}),)


class CrisisLineInline(admin.StackedInline[CrisisLine, ClinicProfile]):
    model = CrisisLine
    extra = 0
    formfield_overrides: ClassVar = {models.URLField: {"assume_scheme": "https"}}


@admin.register(ClinicProfile)
class ClinicProfileAdmin(admin.ModelAdmin[ClinicProfile]):
    inlines: ClassVar = [CrisisLineInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ClinicProfile | None = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False
