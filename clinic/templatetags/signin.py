from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django import template
from django.http import HttpRequest

from clinic.crypto import UnreadableValue
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
