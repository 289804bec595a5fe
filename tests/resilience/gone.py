"""The machine of the database is gone for a minute: nothing comes back, not even from its kernel."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from clinic.environment import PATIENCE
from tests.resilience import ledger, outage
from tests.resilience.forwarder import PORT, Machine, machine
from tests.resilience.report import Result
from tests.resilience.stack import ROLE, Stack, wait_until

NOTICED_WITHIN = 30.0  # seconds, by the kernel


def run(stack: Stack) -> Result:
    with machine(stack.server.socket) as database:
        url = f"postgres://{ROLE}@{database.address}:{PORT}/postgres?sslmode=disable"
        wait_until(lambda: _is_there(database))
        stack.start(DATABASE_URL=url)
        waiting, speaking = _Statement(database, "SELECT pg_sleep(300)"), _Statement(database, "SELECT 1")
        left: list[datetime] = []

        def leave() -> None:
            waiting.begin()
            time.sleep(3)  # the worker rests after a round
            left.append(datetime.now(UTC))
            database.vanish()
            speaking.begin()

        found = outage.away(stack, "gone", leave, database.return_)
        back = wait_until(lambda: not _open_letters())
        by_worker = (_first_failure(stack.worker.log) - left[0]).total_seconds()
        stack.stop()
    seconds = {
        "in the middle of a statement": waiting.seconds - 3,
        "at the beginning of one": speaking.seconds,
        "by the worker": by_worker,
    }
    rows = [(f"gone: seconds until a loss was noticed {how}", f"{one:.1f}") for how, one in seconds.items()]
    late = [f"It took {one:.0f} s to notice {how}." for how, one in seconds.items() if not 0 < one < NOTICED_WITHIN]
    more = ("gone: seconds until the worker had sent what waited, after that", f"{back:.1f}")
    return Result([*found.rows, *rows, more], [*found.faults, *late, *ledger.faults({}, others=1)])


def _line(database: Machine) -> Any:
    """As the worker connects: the kernel counts, and nobody else."""
    return psycopg2.connect(
        host=database.address, port=PORT, user=ROLE, dbname="postgres", sslmode="disable", **PATIENCE
    )


def _is_there(database: Machine) -> bool:
    try:
        _line(database).close()
    except psycopg2.OperationalError:  # the forwarder is not up yet
        return False
    return True


class _Statement(threading.Thread):
    """Somebody who waits for an answer; `seconds` says how long, until the kernel gave up."""

    def __init__(self, database: Machine, sql: str) -> None:
        super().__init__(daemon=True)
        self.line, self.sql, self.seconds = _line(database), sql, 0.0

    begin: Callable[[], None] = threading.Thread.start

    def run(self) -> None:
        begin = time.monotonic()
        try:
            self.line.cursor().execute(self.sql)
        except psycopg2.OperationalError:
            self.seconds = time.monotonic() - begin


def _open_letters() -> bool:
    from clinic.models import Message

    return Message.objects.waiting().exists()


def _first_failure(log: Path) -> datetime:
    lines = map(json.loads, log.read_text().splitlines())
    return next(datetime.fromisoformat(line["time"]) for line in lines if "round of the worker" in line["message"])
