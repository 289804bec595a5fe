"""Proxies that TRUSTED_PROXIES does not name: whoever comes through one counts as the same visitor, and nobody notices.

The header that gives one away anybody can write, so only addresses of private networks are remembered, which nobody on
the internet has. What is remembered is the proxy's own address, never a visitor's.
"""

import time
from datetime import timedelta

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from clinic.models import Heartbeat
from clinic.networks import PRIVATE, Address, counted_as, is_in

KIND = "proxy "  # and how its visitors are counted: the name of its heartbeat
AGAIN = 3600  # seconds until this process writes the same one down again
MOST = 20  # so many this process knows

_told: dict[str, float] = {}  # time.monotonic() by name


def remember(address: Address | None) -> None:
    """Write down that `address`, from which a request seems to come, has passed it on for somebody else. Saves."""
    name = KIND + counted_as(address)
    if not is_in(address, PRIVATE) or not _is_due(name):
        return
    try:
        Heartbeat.beat(name)
    except (DatabaseError, InterfaceError):  # the page that was asked for says it, if it needs the database
        _told.pop(name)


def _is_due(name: str) -> bool:
    now = time.monotonic()
    due = now - _told[name] > AGAIN if name in _told else len(_told) < MOST
    if due:
        _told[name] = now
    return due


def seen(*, within: timedelta) -> list[str]:
    """How the visitors of each are counted."""
    beats = Heartbeat.objects.filter(name__startswith=KIND, at__gte=timezone.now() - within).order_by("name")
    return [beat.name.removeprefix(KIND) for beat in beats]
