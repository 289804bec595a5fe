"""The two cookies of a visitor: one finds the draft, by a random token, one shows a contact request's reference.

Both are gone when the browser is closed, and neither says anything about the person.
"""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from intake.models import Draft

NAME = f"{settings.COOKIE_PREFIX}screening"
REFERENCE = f"{settings.COOKIE_PREFIX}reference"


def draft_of(request: HttpRequest) -> Draft | None:
    token = request.COOKIES.get(NAME, "")
    return Draft.objects.with_token(token) if token else None


def remember(response: HttpResponse, token: str) -> None:
    _set(response, NAME, token)


def forget(response: HttpResponse) -> None:
    response.delete_cookie(NAME, samesite="Lax")


def keep_reference(response: HttpResponse, reference: str) -> None:
    _set(response, REFERENCE, reference)


def reference_of(request: HttpRequest) -> str:
    """The reference to show, or nothing when the cookie holds anything else."""
    reference = request.COOKIES.get(REFERENCE, "")
    return reference if re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", reference) else ""


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
