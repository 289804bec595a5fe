"""Web, worker and database are killed with SIGKILL in turn, while visitors go on sending."""

import os
import random
import signal
import time
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from tests.processes import family
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import Stack, wait_until
from tests.resilience.visitors import Crowd, ask_for_contact

KILLS = int(os.environ.get("KILLS", 100))
SLOWEST = 5.0  # seconds until the site works again when the process is back
STARTING = {"worker": 5.0}  # a worker does not say when it is back: from its start, Python and Django included


def run(stack: Stack) -> Result:
    stack.mail.pause = 0.05  # so that workers die in the middle of a letter as well
    stack.start()
    crowd = Crowd(stack.port)
    crowd.start()
    kinds = {"web": _web, "worker": _worker, "database": _database, "one of the database's processes": _backend}
    spans: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(KILLS):
        time.sleep(random.uniform(0.0, 0.5))
        kind = list(kinds)[number % len(kinds)]
        spans[kind].append(kinds[kind](stack, crowd))
    crowd.end()
    return _result(stack, crowd, spans)


def _web(stack: Stack, crowd: Crowd) -> float:
    stack.web.kill()
    stack.start_web()
    return _until_taken(stack, crowd)


def _worker(stack: Stack, crowd: Crowd) -> float:
    stack.worker.kill()
    letters = len(stack.mail.letters)
    stack.worker.start()
    return wait_until(lambda: len(stack.mail.letters) > letters)


def _database(stack: Stack, crowd: Crowd) -> float:
    pids = family(_pid(stack))
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    stack.server.start()
    return _until_taken(stack, crowd)


def _backend(stack: Stack, crowd: Crowd) -> float:
    """PostgreSQL then throws everybody out and starts anew by itself, in up to 5 s if one of its processes lingers."""
    backends = [pid for pid in family(_pid(stack)) if b"clinic_app" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    connection.ensure_connection()
    os.kill(random.choice(backends), signal.SIGKILL)
    wait_until(_thrown_out)
    wait_until(_database_answers)
    return _until_taken(stack, crowd)


def _thrown_out() -> bool:
    try:
        connection.cursor().execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return True
    return False


def _pid(stack: Stack) -> int:
    assert stack.server.pid
    return stack.server.pid


def _database_answers() -> bool:
    connection.close()
    try:
        connection.ensure_connection()
    except DatabaseError:  # also of no class of its own: when it ends in the middle of an answer
        return False
    return True


def _until_taken(stack: Stack, crowd: Crowd) -> float:
    """How long until a contact request is acknowledged that somebody sends at once."""
    begin = time.monotonic()
    crowd.visit(lambda visitor, name: ask_for_contact(visitor, name, typing=0))
    return time.monotonic() - begin


def _result(stack: Stack, crowd: Crowd, spans: dict[str, list[float]]) -> Result:
    leases = ledger.end_leases() if _database_answers() else 0
    ledger.wait_for_mail()
    faults = crowd.faults + ledger.faults(crowd.acknowledged)
    alert_faults, alerts, twice = ledger.alert_faults(stack.mail)
    faults += alert_faults
    rows = [("visits acknowledged, and stored exactly once", len(crowd.acknowledged))]
    rows += [("answers that visitors did not get, and asked for again", crowd.failures)]
    rows += [("screenings with a risky answer: each alert e-mailed, its sending recorded once", alerts)]
    rows += [
        ("letters of an alert that came a second time", twice),
        ("messages taken over from killed workers", leases),
    ]
    for kind, found in spans.items():
        rows.append((f"kills of {kind}: slowest recovery in seconds", f"{len(found)}: {max(found, default=0):.1f}"))
        longest = SLOWEST + STARTING.get(kind, 0)
        faults += [f"After a kill of {kind} it took {span:.1f} s." for span in found if span > longest]
    return Result(rows, faults)
