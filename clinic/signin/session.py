"""What a session remembers of its sign-in, beside what Django and allauth keep."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from clinic import crypto
from clinic.models import User

STARTED, SEEN = "started_at", "seen_at"  # seconds since 1970
ADDRESS = "signed_in_from"
COMPLETE = "second_factor_passed"
CHECKED = "password_checked_for"
NOTE_EVERY = 60  # seconds: being seen is written no more often


def start(request: HttpRequest) -> None:
    request.session[STARTED] = request.session[SEEN] = int(time.time())
    request.session[ADDRESS] = request.META.get("REMOTE_ADDR", "")


def over_because(request: HttpRequest) -> str:
    """Say why the session of a member of staff has ended, or "" while it goes on; notes that it is in use."""
    session = request.session
    if SESSION_KEY not in session:
        return ""
    if longest := _outlasted(session):
        return f"You were signed out after {longest}. Sign in again to go on."
    now: int = int(time.time())
    if now - session[SEEN] >= NOTE_EVERY:
        session[SEEN] = now
    return ""


def _outlasted(kept: Mapping[str, Any]) -> str:
    """Name the time that a session has outlasted, or return ""."""
    now = time.time()
    if now - kept.get(STARTED, 0) >= timedelta(hours=settings.STAFF_SESSION_HOURS).total_seconds():
        return f"{settings.STAFF_SESSION_HOURS} hours"
    if now - kept.get(SEEN, 0) >= timedelta(minutes=settings.STAFF_IDLE_MINUTES).total_seconds():
        return f"{settings.STAFF_IDLE_MINUTES} quiet minutes"
    return ""


@dataclass(frozen=True, slots=True)
class Other:
    """A session of the same person in another browser."""

    row: Session
    started: datetime
    seen: datetime
    address: str

    @property
    def name(self) -> str:
        """What a page may call it by: the key itself would open it."""
        return crypto.token_hash(self.row.session_key)


def others(request: HttpRequest, user: User) -> list[Other]:
    """This person's sessions but this one, the last used first. Only staff have sessions: there are few to look at."""
    rows = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=request.session.session_key)
    found = [(row, row.get_decoded()) for row in rows]
    mine = [_other(row, kept) for row, kept in found if _is_open(kept, user)]
    return sorted(mine, key=lambda other: other.seen, reverse=True)


def _is_open(kept: Mapping[str, Any], user: User) -> bool:
    signed_in = (kept.get(SESSION_KEY), kept.get(HASH_SESSION_KEY)) == (str(user.pk), user.get_session_auth_hash())
    return signed_in and not _outlasted(kept)


def _other(row: Session, kept: Mapping[str, Any]) -> Other:
    started, seen = (datetime.fromtimestamp(kept[at], UTC) for at in (STARTED, SEEN))
    return Other(row, started, seen, kept.get(ADDRESS, ""))


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
