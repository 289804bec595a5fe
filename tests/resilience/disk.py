"""First the disk of the logs is full, then that of PostgreSQL."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clinic import kept
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import Stack, wait_until
from tests.resilience.visitors import Crowd, calm

SECONDS = 15  # in which a disk stays full
CHUNK = b"x" * 65_536


def run(stack: Stack) -> Result:
    paths = [path for known in kept.addresses for path in known()]
    stack.start()
    crowd = Crowd(stack.port)
    crowd.start()
    with _full(stack.folder / "logs"):
        time.sleep(SECONDS)
    without_logs, failures = len(crowd.acknowledged), crowd.failures
    with _full(stack.folder / "postgres"):
        readable = _read(stack, paths)
    wait_until(lambda: _is_back(stack))
    before = len(crowd.acknowledged)
    time.sleep(SECONDS)
    crowd.end()
    ledger.end_leases()
    ledger.wait_for_mail()
    found, alerts, _ = ledger.alert_faults(stack.mail)
    faults = crowd.faults + ledger.faults(crowd.acknowledged) + found
    faults += [] if without_logs and not failures else ["Visitors noticed that the disk of the logs was full."]
    faults += [] if readable and all(readable) else ["A public page was not served while the database's disk was full."]
    rows = [
        (
            f"disk of the logs full for {SECONDS} s: visits acknowledged, answers that failed",
            f"{without_logs}, {failures}",
        ),
        (f"disk of PostgreSQL full for {SECONDS} s: public pages read", len(readable)),
        ("answers that failed meanwhile, and that visitors asked for again", crowd.failures - failures),
        ("visits acknowledged when there was room again", len(crowd.acknowledged) - before),
        ("visits acknowledged in the whole time, and stored exactly once", len(crowd.acknowledged)),
        ("alerts, each e-mailed and its sending recorded once", alerts),
    ]
    return Result(rows, faults)


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    """Not a byte is left."""
    filler = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT, 0o600)
    for chunk in (CHUNK, b"x"):
        try:
            while os.write(filler, chunk):
                pass
        except OSError:
            continue
    try:
        yield
    finally:
        os.close(filler)
        (folder / "filler").unlink()


def _read(stack: Stack, paths: list[str]) -> list[bool]:
    """Whether each page was there, read one after the other while the disk is full."""
    client, found, until = calm(stack.port), list[bool](), time.monotonic() + SECONDS
    while time.monotonic() < until:
        found.append(client.get(paths[len(found) % len(paths)]).status_code == 200)
        time.sleep(0.1)
    return found


def _is_back(stack: Stack) -> bool:
    """As something does that starts what has ended: PostgreSQL gives up when it cannot write its log."""
    stack.server.start()
    return calm(stack.port).get("/readyz").status_code == 200
