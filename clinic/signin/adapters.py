"""Where allauth asks this project."""

import base64
from typing import Any, ClassVar
from urllib.parse import urlsplit

import qrcode
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage

from clinic import crypto
from clinic.models import User
from clinic.rotation.columns import FACTOR
from clinic.signin import session
from clinic.signin.guesses import Guesses, remember_device

MISMATCH = "This address and this password do not belong together."


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": MISMATCH,
        "enter_current_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose password it is. An account that is unknown, inactive or limited looks like a wrong password."""
        email = User.normalize_username(credentials["email"])
        guesses = Guesses(request, email, "password")
        try:
            guesses.take()
        except ValidationError as limited:
            raise ValidationError([MISMATCH, limited]) from None
        user = auth.authenticate(request, email=email, password=credentials["password"])
        if not isinstance(user, User):
            guesses.record_failure()
            return None
        guesses.give_back()
        session.note_password(request, user)
        return user

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not session.is_fresh(context.request, account_settings.REAUTHENTICATION_TIMEOUT)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """There is one: both factors again, and with them another session. Who is not signed in has none."""
        return [{"id": "sign_in_again", "url": reverse("account_reauthenticate")}] * user.is_authenticated

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, unless the account was changed since its password was checked. Saves."""
        if not session.password_still_holds(request, user):
            request.session.flush()
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)
        session.note_factor(request, passed=user.has_second_factor)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_device(request, response, user.email)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("mfa_index")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("every e-mail goes through clinic.outbox")


class FactorAdapter(DefaultMFAAdapter):
    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or it was used before. Wait for the next one and type that.",
    }

    def encrypt(self, text: str) -> str:
        return base64.b64encode(crypto.encrypt(text, FACTOR)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(base64.b64decode(encrypted_text), FACTOR)

    def get_totp_issuer(self) -> str:
        return "Review desk"

    def build_totp_svg(self, url: str) -> SafeString:
        image = qrcode.make(url, image_factory=SvgPathImage, box_size=20)
        drawn: str = image.to_string(encoding="unicode")
        return mark_safe(drawn)  # nosec B308 # squares of a code, and nothing that anybody wrote

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        return f"Passkey {user.authenticator_set.filter(type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host that passkeys belong to. A trial may be opened as localhost, where its SITE_URL has a number."""
        host = context.request.get_host().partition(":")[0] if settings.LOCAL else urlsplit(settings.SITE_URL).hostname
        return {"id": host or "", "name": "Review desk"}
