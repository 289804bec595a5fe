"""Very many invented submissions: some are made on the way of real ones, the others are copies of their molds.

Each chunk is one transaction, written by COPY. Other processes encrypt the next ones meanwhile.
"""

import os
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_all_start_methods, get_context
from random import Random

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from clinic import outbox
from clinic.models import AuditEvent, Message, User
from clinic.retention import draft_days
from intake import samples
from intake.models import Draft, Submission
from intake.molds import Lines, Mold, write

CHUNK = 2_000  # submissions
MOLDS = 60  # of those that are done with, and as many that still need somebody, at most
COPIES = 50  # of one mold, at least
OLDEST = timedelta(days=700)  # less than what has ended is kept
RECENT = timedelta(days=30)  # what still needs somebody came in since
OPEN = 400  # of them, at most: a desk that keeps up has no more, however much is stored
NEWEST = timedelta(minutes=6)
MINUTE, LONGEST_STEP = timedelta(minutes=1), timedelta(days=2)  # of what staff do
STAFF = 5  # who work them, at most

_molds: tuple[list[Mold], list[Mold]] = ([], [])  # those that need somebody, and the others; in each process


@dataclass(frozen=True, slots=True)
class Chunk:
    """The submissions `first` to `last`, counted from 1, of `count` in all; those in `open` still need somebody."""

    first: int
    last: int
    count: int
    open: frozenset[int]
    before: int  # were stored already, by other people
    now: datetime


def fill(count: int, staff: Sequence[User], told: Callable[[int], None] = lambda number: None) -> None:
    """Store `count` submissions of the last OLDEST, worked by `staff`. Saves.

    `told` is called with the number of those that were stored since the last call.
    """
    molds, models = _cast_all(count, staff), {model._meta.db_table: model for model in apps.get_models()}
    now, before = timezone.now(), Submission.objects.count()
    recent = range(count - int(count * (RECENT / OLDEST)) + 1, count + 1)
    is_open = frozenset(recent[:: max(1, len(recent) // OPEN)][:OPEN])
    chunks = [
        Chunk(first, min(first + CHUNK - 1, count), count, is_open, before, now) for first in range(1, count + 1, CHUNK)
    ]
    for chunk, lines in zip(chunks, _made(chunks, molds), strict=True):
        with transaction.atomic():
            for table, found in lines.items():
                write(models[table], found)
        told(chunk.last - chunk.first + 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _cast_all(count: int, staff: Sequence[User]) -> tuple[list[Mold], list[Mold]]:
    number = max(4, min(MOLDS, count // COPIES // 2))  # every fourth is a contact request
    dice, steps = Random("molds"), len(samples.STEPS)  # nosec B311 # the same molds each time
    opened = [cast(one, dice.randrange(steps), staff[one % len(staff)]) for one in range(1, number + 1)]
    return opened, [cast(one, steps, staff[one % len(staff)]) for one in range(1, number + 1)]


@transaction.atomic
def cast(number: int, steps: int, by: User) -> Mold:
    """A mold of a submission with which `by` has gone so many steps. The submission itself is not stored."""
    dice, moments = Random(f"mold {number} {steps}"), [timezone.now()]  # nosec B311 # the same molds each time
    submission = samples.came_in(number, dice)
    outbox.pretend(submission.pk)
    for step in samples.STEPS[:steps]:
        moments.append(timezone.now())
        step(submission, dice, by)
    kept = {Draft: timedelta(days=draft_days()), Message: timedelta(days=Message.KEEP_DAYS)}
    mold = Mold(submission, moments, {model._meta.db_table: length for model, length in kept.items()})
    transaction.set_rollback(True)
    return mold


def _made(chunks: Sequence[Chunk], molds: tuple[list[Mold], list[Mold]]) -> Iterator[Lines]:
    """The rows of each chunk in turn; a few chunks ahead, by other processes where that is worth it."""
    global _molds
    _molds, processes = molds, os.cpu_count() or 1
    if len(chunks) < 4 * processes or "fork" not in get_all_start_methods():
        yield from map(copies, chunks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:  # which have the molds
        ahead: deque[Future[Lines]] = deque()
        for chunk in chunks:
            ahead.append(pool.submit(copies, chunk))
            if len(ahead) > processes:
                yield ahead.popleft().result()
        yield from (one.result() for one in ahead)


def copies(chunk: Chunk) -> Lines:
    """The rows of a chunk by table, and the events in the order of time."""
    found: dict[str, list[str]] = defaultdict(list)
    dice = Random(f"copies {chunk.first}")  # nosec B311 # invented
    opened, ended = _molds
    for number in range(chunk.first, chunk.last + 1):
        mold = dice.choice(opened if number in chunk.open else ended)
        received = chunk.now - NEWEST - OLDEST * ((chunk.count - number + dice.random()) / chunk.count)
        person = samples.person_of(chunk.before + number - (number % 10 == 0))  # every tenth has written before
        for table, line in mold.copy(person, _moments(received, mold.steps, chunk.now, dice), chunk.now):
            found[table].append(line)
    found[AuditEvent._meta.db_table].sort()  # by its first column, the time
    return dict(found)


def _moments(received: datetime, steps: int, now: datetime, dice: Random) -> list[datetime]:
    """When it came in and when each step of the staff began: a MINUTE apart at least, and all before now."""
    found = [received]
    for left in range(steps, 0, -1):
        room = min(now - found[-1] - (left + 1) * MINUTE, LONGEST_STEP)
        found.append(found[-1] + MINUTE + room * dice.random() ** 3)
    return found
