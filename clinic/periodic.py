"""Work that comes round again. The worker (`manage.py deliver`) runs it; any number of workers may run at once.

An app adds a job with `@job(every=timedelta(...))`, and rows that may be deleted with `purge("expired drafts", ...)`,
in a module that its AppConfig.ready() imports. A job must be harmless when it runs twice.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db.models import QuerySet

from clinic import seals, waiting
from clinic.models import Heartbeat

log = logging.getLogger(__name__)


@dataclass
class Job:
    run: Callable[[], object]
    every: timedelta
    next_at: float = 0.0  # time.monotonic()


def delete(rows: QuerySet[Any]) -> int:
    return rows.delete()[0]


@dataclass(frozen=True)
class Purge:
    rows: Callable[[], QuerySet[Any]]  # those whose time is over
    delete: Callable[[QuerySet[Any]], int]  # returns their number


jobs: list[Job] = []
purges: dict[str, Purge] = {}  # by what it is


def job(*, every: timedelta) -> Callable[[Callable[[], object]], Callable[[], object]]:
    def add(run: Callable[[], object]) -> Callable[[], object]:
        jobs.append(Job(run, every))
        return run

    return add


def purge(what: str, rows: Callable[[], QuerySet[Any]], delete: Callable[[QuerySet[Any]], int] = delete) -> None:
    purges[what] = Purge(rows, delete)


def run_due() -> None:
    """Run the jobs whose time has come. One that fails is logged, and does not stop the others."""
    now = time.monotonic()
    for entry in jobs:
        if entry.next_at <= now:
            entry.next_at = now + entry.every.total_seconds()
            _run(entry)


def _run(entry: Job) -> None:
    try:
        entry.run()
    except Exception as error:
        if waiting.is_away(error):
            entry.next_at = 0.0  # as soon as the database is back
            raise
        log.error("A periodic job failed.", exc_info=error)


@job(every=timedelta(seconds=30))
def say_that_the_worker_runs() -> None:
    Heartbeat.beat("worker")


@job(every=timedelta(minutes=10))
def purge_expired() -> None:
    call_command("purge", verbosity=0)


@job(every=timedelta(minutes=1))
def seal_the_record() -> None:
    if seals.seal():
        log.info("Events of the audit record were sealed.")
