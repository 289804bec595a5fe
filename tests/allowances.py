"""Limits that are used up, without the many requests that it takes."""

from datetime import timedelta

from django.db.models import F

from clinic import allowances
from clinic.allowances import Allowance
from clinic.models import Tally

TEST_CLIENT = "127.0.0.1"
ALL = [found for found in vars(allowances).values() if isinstance(found, Allowance)]


def use_up(*used: Allowance, who: str = TEST_CLIENT) -> None:
    """Let the next try be refused."""
    for limit in (limit for allowance in used for limit in allowance.limits):
        limit.take(who)
        Tally.objects.filter(key=limit._key(who)).update(count=limit.tries)


def let_time_pass(**time: float) -> None:
    Tally.objects.update(ends_at=F("ends_at") - timedelta(**time))
