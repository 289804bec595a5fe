"""What follows from what Django and allauth report. Imported once the apps are ready."""

from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.contrib.auth import update_session_auth_hash
from django.dispatch import receiver
from django.http import HttpRequest

from clinic.models import AuditEvent, User
from clinic.signin import session

FACTORS = {"totp": "app", "webauthn": "passkey", "recovery_codes": "recovery codes"}


@receiver(auth.user_logged_in)
def start_session(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    session.start(request)


@receiver(account.user_logged_in)
def record_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    shown = [step.get("type", step["method"]) for step in get_authentication_records(request, user)]
    detail = ", ".join(FACTORS.get(name, name) for name in shown) or "link"
    user.record(AuditEvent.Action.SIGNED_IN, by=user, detail=detail)


@receiver(auth.user_logged_out)
def record_sign_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        user.record(AuditEvent.Action.SIGNED_OUT, by=user)


@receiver(account.password_changed)
def record_new_password(sender: Any, user: User, **kwargs: Any) -> None:
    user.record(AuditEvent.Action.PASSWORD, by=user)


@receiver(mfa.authenticator_added)
def factor_added(sender: Any, **kwargs: Any) -> None:
    _factor_changed("added", **kwargs)


@receiver(mfa.authenticator_reset)
def factor_renewed(sender: Any, **kwargs: Any) -> None:
    _factor_changed("made anew", **kwargs)


@receiver(mfa.authenticator_removed)
def factor_removed(sender: Any, **kwargs: Any) -> None:
    _factor_changed("removed", **kwargs)


def _factor_changed(how: str, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """End the account's sessions but this one, which goes on only while there is a second factor."""
    user.sign_out_everywhere()
    update_session_auth_hash(request, user)
    session.note_factor(request, passed=user.has_second_factor)
    user.record(AuditEvent.Action.FACTOR, by=user, detail=f"{FACTORS[authenticator.type]} {how}")
