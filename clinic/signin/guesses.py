"""The limit on guessing a password or a code.

Tries count for the account, whoever makes them and from wherever. So that nobody can lock another out that way, a
browser in which the account has signed in before carries a cookie, and its tries count for themselves: OWASP calls
it a device cookie. An unknown address is counted like a known one.
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import math
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clinic import audit, crypto
from clinic.limits import Limit
from clinic.models import AuditEvent, User

SIGNER = TimestampSigner(salt="device")
DEVICE_DAYS = 400  # browsers keep no cookie longer


@dataclass(frozen=True, slots=True)
class Guesses:
    """The tries at one secret of one account, "password" or "code", from this browser."""

    request: HttpRequest
    email: str
    what: str

    def take(self) -> None:
        """Count one try. Saves. Raises ValidationError when there were too many."""
        made = self._limit.take(self._who)
        if made.number == self._limit.tries + 1:
            self.record_failure("too many tries")
        if made.wait:
            minutes = math.ceil(made.wait / timedelta(minutes=1))
            raise ValidationError(f"There were too many tries. Wait {minutes} minute{'s' * (minutes > 1)}.")

    def give_back(self) -> None:
        """Uncount a try that was right. Saves."""
        self._limit.give_back(self._who)

    def record_failure(self, why: str = "wrong") -> None:
        """Write down at which account somebody failed; an address that is none is not kept. Saves."""
        user = User.objects.present().filter(email=self.email).first()
        detail = f"{self.what}: {why}"
        if user:
            user.record(AuditEvent.Action.SIGN_IN_FAILED, by=None, detail=detail)
        else:
            audit.record(AuditEvent.Action.SIGN_IN_FAILED, by=None, detail=detail)

    @property
    def _limit(self) -> Limit:
        window = timedelta(minutes=settings.SIGN_IN_WAIT_MINUTES)
        return Limit(f"sign-in {self.what}", settings.SIGN_IN_TRIES, window)

    @property
    def _who(self) -> str:
        return device_of(self.request, self.email) or self.email


def device_of(request: HttpRequest, email: str) -> str | None:
    """Return the name of this browser, if this account has signed in with it before, by whichever key its cookie is."""
    for mark in _marks(email):
        signed = request.COOKIES.get(_cookie_name(mark), "")
        try:
            device = SIGNER.unsign(signed, max_age=timedelta(days=DEVICE_DAYS))
        except BadSignature:
            continue
        if device.startswith(mark):
            return device
    return None


def remember_device(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    newest = _marks(email)[0]
    device = device_of(request, email)
    if device is None or not device.startswith(newest):
        device = f"{newest}{secrets.token_urlsafe(16)}"
    response.set_cookie(
        _cookie_name(newest),
        SIGNER.sign(device),
        max_age=timedelta(days=DEVICE_DAYS),
        secure=not settings.LOCAL,
        httponly=True,
        samesite="Lax",
    )


def _cookie_name(mark: str) -> str:
    """Several people may use one browser: each account has a cookie of its own."""
    return f"{settings.DEVICE_COOKIE_NAME}-{mark}"


def _marks(email: str) -> list[str]:
    """Return what an account's cookies begin with, by the newest key first."""
    return [mark.hex() for mark in crypto.blind_indexes(email, "device cookie")]
