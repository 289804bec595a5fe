"""The sign-in, under /admin/. Of allauth only what is named here has an address."""

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkey
from django.urls import path, reverse_lazy

from clinic.signin.views import (
    both_factors_required,
    change_password,
    end_sessions,
    invitation,
    readable_codes_required,
    sign_in,
    sign_in_again,
)

view_codes = readable_codes_required(codes.view_recovery_codes)
make_codes = readable_codes_required(codes.generate_recovery_codes)
end_elsewhere = reauthentication_required(allow_get=True)(end_sessions)
remove_passkey = passkey.RemoveWebAuthnView.as_view(success_url=reverse_lazy("mfa_index"))

urlpatterns = [
    path("invitation/<str:token>/", invitation, name="invitation"),
    # In the place of the admin's own pages.
    path("login/", sign_in, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password_change/", change_password, name="account_change_password"),
    # To set up the first second factor, and to pass it.
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("security/", mfa.index, name="mfa_index"),
    path("security/app/", app.activate_totp, name="mfa_activate_totp"),
    path("security/passkey/", passkey.add_webauthn, name="mfa_add_webauthn"),
    path("security/confirm/", sign_in_again, name="account_reauthenticate"),
    # For who has one.
    path("security/app/remove/", both_factors_required(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("security/passkey/<int:pk>/remove/", both_factors_required(remove_passkey), name="mfa_remove_webauthn"),
    path("security/codes/", both_factors_required(view_codes), name="mfa_view_recovery_codes"),
    path("security/codes/new/", both_factors_required(make_codes), name="mfa_generate_recovery_codes"),
    path("security/sessions/end/", both_factors_required(end_elsewhere), name="end_sessions"),
]
