from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django import template
from django.conf import settings
from django.http import HttpRequest

from clinic.crypto import UnreadableValue
from clinic.models import User
from clinic.signin import session

register = template.Library()


@register.filter
def is_signed_in(request: HttpRequest) -> bool:
    """Whether somebody is signed in, and with both factors where two are asked for."""
    return request.user.is_authenticated and session.is_complete(request)


@register.filter
def codes_left(codes: RecoveryCodes | str) -> str:
    """How many recovery codes there are, in a sentence; `codes` is empty for who has none."""
    try:
        left = len(codes.get_unused_codes()) if isinstance(codes, RecoveryCodes) else 0
    except UnreadableValue as error:
        return f"They cannot be used. {error}"
    return f"{left} of them are left."


@register.simple_tag(takes_context=True)
def other_sessions(context: dict[str, Any]) -> list[session.Other]:
    request = context["request"]
    return session.others(request, request.user) if isinstance(request.user, User) else []


@register.simple_tag
def idle_minutes() -> int:
    return settings.STAFF_IDLE_MINUTES
