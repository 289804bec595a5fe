"""The database is away for a minute: once it is stopped, once it hangs (SIGSTOP), which refuses nothing."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from html import unescape

from django.db import connection
from django.http import HttpResponse

from clinic import kept
from tests.leaks.site import family
from tests.resilience import ledger
from tests.resilience.report import Result
from tests.resilience.stack import Stack, wait_until
from tests.resilience.visitors import Crowd, calm, contact_fields
from tests.visitor import hidden

SECONDS = int(os.environ.get("AWAY", 60))
LONGEST = 2.0  # seconds that a reader waits for a public page meanwhile
NOTICING = 5.0  # seconds in which the site may still find out that the database hangs


def run(stack: Stack) -> Result:
    stack.start()
    rows: list[tuple[str, object]] = []
    faults: list[str] = []
    crowd = Crowd(stack.port, contacts=2, screenings=2)
    crowd.start()
    time.sleep(5)
    for name, leave, come_back in (("stopped", _stop, _start), ("hanging", _freeze, _thaw)):
        found = away(stack, name, lambda leave=leave: leave(stack), lambda back=come_back: back(stack))
        rows += found.rows
        faults += found.faults
    crowd.end()
    ledger.end_leases()
    ledger.wait_for_mail()
    rows += [("visits acknowledged in the whole time, and stored exactly once", len(crowd.acknowledged))]
    faults += crowd.faults + ledger.faults(crowd.acknowledged, others=2) + ledger.alert_faults(stack.mail)[0]
    return Result(rows, faults)


def _stop(stack: Stack) -> None:
    stack.server.stop()


def _start(stack: Stack) -> None:
    stack.server.start()


def _freeze(stack: Stack) -> None:
    _signal(stack, signal.SIGSTOP)


def _thaw(stack: Stack) -> None:
    _signal(stack, signal.SIGCONT)


def _signal(stack: Stack, number: int) -> None:
    assert stack.server.pid
    for pid in family(stack.server.pid):
        os.kill(pid, number)


def away(stack: Stack, name: str, leave: Callable[[], None], come_back: Callable[[], None]) -> Result:
    connection.close()  # our own, which the database may have lost
    client = calm(stack.port)
    token = hidden(client.get("/contact/"), "token")
    sent = contact_fields(f"Visitor of a database that is {name}") | {"token": token}
    readers = _Readers(stack.port)
    for _ in readers.paths:  # each page has been made then
        readers.read()
    leave()
    try:
        until = time.monotonic() + SECONDS
        time.sleep(NOTICING)
        begin = time.monotonic()
        answer = client.post("/contact/", sent)
        waited = time.monotonic() - begin
        while time.monotonic() < until:
            readers.read()
    finally:
        come_back()
    back = wait_until(lambda: calm(stack.port).get("/readyz").status_code == 200)
    again = client.post("/contact/", _given_back(answer))
    faults = [
        *readers.faults,
        *_unlike(sent, answer),
        *([] if again.status_code == 302 else ["It was not taken again."]),
    ]
    rows = [
        (
            f"{name} for {SECONDS} s: public pages read, the slowest in seconds",
            f"{readers.count}: {readers.slowest:.2f}",
        ),
        (f"{name}: seconds until a form answered, with what was typed", f"{waited:.2f}"),
        (f"{name}: seconds until all worked again, without a restart", f"{back:.2f}"),
    ]
    return Result(rows, [f"{name}: {fault}" for fault in faults])


def _given_back(page: HttpResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {unescape(name): unescape(value) for name, value in found}


def _unlike(sent: dict[str, str], answer: HttpResponse) -> list[str]:
    given_back = {name: value for name, value in _given_back(answer).items() if name != "csrfmiddlewaretoken"}
    return [] if (answer.status_code, given_back) == (503, sent) else [f"A form answered {answer.status_code}."]


class _Readers:
    """Somebody who reads one public page after the other."""

    def __init__(self, port: int) -> None:
        self.client, self.paths = calm(port), [path for known in kept.addresses for path in known()]
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0

    @property
    def count(self) -> int:
        return self.statuses.total()

    @property
    def faults(self) -> list[str]:
        late = [f"A reader waited {self.slowest:.1f} s."] if self.slowest > LONGEST else []
        return late + [f"{number} readers got {status}." for status, number in self.statuses.items() if status != 200]

    def read(self) -> None:
        begin = time.monotonic()
        path = self.paths[self.count % len(self.paths)]
        self.statuses[self.client.get(path).status_code] += 1
        self.slowest = max(self.slowest, time.monotonic() - begin)
        time.sleep(0.1)
