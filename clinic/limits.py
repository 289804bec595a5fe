"""Counting tries in PostgreSQL, so that a limit holds across processes and machines.

A window begins with its first try and ends by itself; what is tried after the last allowed time does not lengthen it.
Who tried is stored as a keyed fingerprint: the table holds no address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from django.db import connection, models
from django.db.models import F
from django.utils import timezone

from clinic import crypto

TAKE = "clinic_take(%s, %s, %s)"  # of the migration 0011; of each try a number and an interval
COUNT = f"SELECT number, rest FROM {TAKE}"  # nosec B608 # a constant of ours


class TallyQuerySet(models.QuerySet["Tally"]):
    def expired(self) -> Self:
        return self.filter(ends_at__lte=timezone.now())


class Tally(models.Model):
    """How often something was tried since its window began."""

    key = models.CharField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    objects = TallyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class Try:
    number: int  # in its window, from 1
    wait: timedelta  # until the window ends; zero while the try is allowed


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many tries at `what` in each window, for each `who`."""

    what: str
    tries: int
    window: timedelta

    def take(self, who: str) -> Try:
        """Count one try. Saves; outside a transaction, so that a failure does not undo it."""
        (made,) = take_in_turn((self, who))
        return made

    def give_back(self, who: str) -> None:
        """Uncount one try, which did not fail. Saves."""
        Tally.objects.filter(key=self._key(who), count__gt=0).update(count=F("count") - 1)

    def _key(self, who: str) -> str:
        return crypto.blind_index(f"{self.what}\0{who}", "clinic_tally.key").hex()


Counted = tuple[Limit, str]  # and who tries it


def take_in_turn(*asked: Counted) -> list[Try]:
    """Count one try at each limit, until one refuses: what comes after that is not counted. Saves, like `Limit.take`.

    All in one statement, because most forms come under several limits.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values_of(asked))
        return tries_of(asked, cursor.fetchall())


def values_of(asked: Sequence[Counted]) -> list[list[Any]]:
    """The arguments of TAKE, for a statement that does something else as well."""
    keys = [limit._key(who) for limit, who in asked]
    return [keys, [limit.tries for limit, _ in asked], [limit.window.total_seconds() for limit, _ in asked]]


def tries_of(asked: Sequence[Counted], rows: Iterable[tuple[int, timedelta]]) -> list[Try]:
    """What the rows of TAKE say, of those that were counted."""
    return [
        Try(number, rest if number > limit.tries else timedelta())
        for (limit, _), (number, rest) in zip(asked, rows, strict=False)
    ]
