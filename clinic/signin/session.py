"""What a session remembers of its sign-in, beside what Django and allauth keep."""

import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from clinic.models import User

STARTED, SEEN = "started_at", "seen_at"  # seconds since 1970
COMPLETE = "second_factor_passed"
CHECKED = "password_checked_for"
NOTE_EVERY = 60  # seconds: being seen is written no more often


def start(request: HttpRequest) -> None:
    request.session[STARTED] = request.session[SEEN] = int(time.time())


def over_because(request: HttpRequest) -> str:
    """Say why the session of a member of staff has ended, or "" while it goes on; notes that it is in use."""
    session = request.session
    if SESSION_KEY not in session:
        return ""
    now: int = int(time.time())
    if now - session.get(STARTED, 0) >= timedelta(hours=settings.STAFF_SESSION_HOURS).total_seconds():
        return f"You were signed out after {settings.STAFF_SESSION_HOURS} hours. Sign in again to go on."
    if now - session.get(SEEN, 0) >= timedelta(minutes=settings.STAFF_IDLE_MINUTES).total_seconds():
        return f"You were signed out after {settings.STAFF_IDLE_MINUTES} quiet minutes. Sign in again to go on."
    if now - session[SEEN] >= NOTE_EVERY:
        session[SEEN] = now
    return ""


def is_fresh(request: HttpRequest, seconds: int) -> bool:
    return bool(time.time() - request.session.get(STARTED, 0) < seconds)


def is_complete(request: HttpRequest) -> bool:
    """Whether this session has passed both factors, or need not: in a trial on one computer."""
    return bool(settings.LOCAL or request.session.get(COMPLETE))


def note_factor(request: HttpRequest, passed: bool) -> None:
    request.session[COMPLETE] = passed


def note_password(request: HttpRequest, user: User) -> None:
    """Keep what the account was like when its password was checked, in a session that nobody else can have put here."""
    request.session.cycle_key()
    request.session[CHECKED] = user.get_session_auth_hash()


def password_still_holds(request: HttpRequest, user: User) -> bool:
    """Whether nothing has ended the account's sessions since its password was checked."""
    return bool(request.session.pop(CHECKED, "") == user.get_session_auth_hash())
