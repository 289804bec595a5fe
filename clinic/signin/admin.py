from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from clinic import outbox
from clinic.accounts import EMAIL_TAKEN
from clinic.models import AuditEvent, Invitation, User
from clinic.site import AuditedAdmin

admin.site.unregister(Group)  # the roles are a table in the code
admin.site.unregister([EmailAddress, Authenticator])  # the first is not used, the second belongs to its person


class StaffForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "is_active", "groups")
        labels: ClassVar = {"groups": "Role"}
        widgets: ClassVar = {"groups": forms.CheckboxSelectMultiple}
        help_texts: ClassVar = {
            "email": "A link to choose a password is sent there. It cannot be changed later.",
            "groups": "Front desk: contact details and status. Clinician: everything that patients sent. "
            "Manager: settings, pages, people and the audit log.",
            "is_active": "Take the mark away when somebody leaves: what they did stays on record under their name.",
        }

    def clean_email(self) -> str:
        """A deleted account does not keep its address from a new one, which the constraint alone cannot say here."""
        email = User.normalize_username(self.cleaned_data["email"])
        if User.objects.present().filter(email=email).exists():
            raise ValidationError(EMAIL_TAKEN)
        return email


@admin.register(User)
class StaffAdmin(AuditedAdmin[User]):
    """Accounts of staff. A role is a group of the table in clinic/roles.py; nobody changes their own."""

    form = StaffForm
    actions = None
    list_display = ("email", "first_name", "last_name", "roles", "second_factor", "is_active", "last_login")
    list_filter: ClassVar = ["is_active", "groups"]
    search_fields: ClassVar = ["email", "first_name", "last_name"]
    ordering: ClassVar = ["email"]
    add_fieldsets: ClassVar = [(None, {"fields": ["email", "groups"]})]
    fieldsets: ClassVar = [
        (None, {"fields": ["email", "first_name", "last_name"]}),
        ("What this person may do", {"fields": ["groups", "is_active"]}),
        ("Sign-in", {"fields": ["second_factor", "last_login", "date_joined"]}),
    ]

    @admin.display(description="Role")
    def roles(self, user: User) -> str:
        named = ["Everything"] * user.is_superuser + [group.name for group in user.groups.all()]
        return ", ".join(named) or "None"

    @admin.display(description="Second factor")
    def second_factor(self, user: User) -> str:
        kinds = {factor.type for factor in user.authenticator_set.all()}
        return ", ".join(name for kind, name in (("totp", "App"), ("webauthn", "Passkey")) if kind in kinds) or "None"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        present = super().get_queryset(request).filter(deleted_at=None)
        return present.prefetch_related("groups", "authenticator_set")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            return []
        fixed = ["email", "second_factor", "last_login", "date_joined"]
        return [*fixed, "groups", "is_active"] if obj == request.user else fixed

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj) and obj != request.user

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data:
            obj.activity_changed(by=_me(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        user: User = form.instance
        before = user.role_names
        super().save_related(request, form, formsets, change)
        if user.role_names != before:
            user.roles_changed(before, by=_me(request))
        if not change:
            self._send_link(request, user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Nothing goes with an account, and nothing protects it: its row stays."""
        return [str(user) for user in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        obj.delete_account(by=_me(request))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/invite/", view(self.invite), name="clinic_user_invite"),
            path("<int:pk>/reset/", view(self.reset), name="clinic_user_reset"),
            path("<int:pk>/signout/", view(self.sign_out), name="clinic_user_signout"),
            *super().get_urls(),
        ]

    def invite(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a new link to somebody who lost the old one, or forgot the password."""
        return self._do(request, pk, self._send_link)

    def reset(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let somebody who lost their second factor begin anew."""
        return self._do(request, pk, self._reset_sign_in)

    def sign_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End every session of somebody whose computer or telephone is gone. What they sign in with stays."""
        return self._do(request, pk, self._sign_out)

    def _do(self, request: HttpRequest, pk: int, work: Any) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(self.get_queryset(request), pk=pk)
        if user == request.user or not self.has_change_permission(request, user):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        work(request, user)
        return redirect("admin:clinic_user_change", pk)

    def _send_link(self, request: HttpRequest, user: User) -> None:
        context = {"url": Invitation.objects.issue(user, by=_me(request)), "days": Invitation.KEEP_DAYS}
        outbox.send("invitation", to=user.email, context=context)
        messages.success(request, f"A link was sent to {user.email}. It works for {Invitation.KEEP_DAYS} days, once.")

    def _sign_out(self, request: HttpRequest, user: User) -> None:
        user.sign_out_everywhere()
        user.record(AuditEvent.Action.SIGNED_OUT, by=_me(request), detail="everywhere")
        messages.success(request, f"{user} is signed out everywhere.")

    def _reset_sign_in(self, request: HttpRequest, user: User) -> None:
        user.reset_sign_in(by=_me(request))
        messages.success(request, f"{user} is signed out everywhere, and begins anew with the link.")
        self._send_link(request, user)


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _may_touch(request: HttpRequest, obj: User | None) -> bool:
    """Only a superuser changes a superuser."""
    return not (obj and obj.is_superuser and not _me(request).is_superuser)
