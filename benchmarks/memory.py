"""The memory of a web process over very many requests, into docs/operations.md: python -m benchmarks.memory [REQUESTS]

Fewer than the usual ones are a quick look, which is printed and not kept.
"""

import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from benchmarks import tables
from benchmarks.production import ROOT
from benchmarks.speed import machine, servers
from benchmarks.speed.load import CONNECTIONS, Refused
from benchmarks.speed.servers import Web
from benchmarks.speed.subjects import PAUSE
from benchmarks.speed.visitors import ContactToTheEnd, Screened, Visitor, screening_answers
from benchmarks.staff import DESK, Clinician
from clinic.postgres import Server

OUT = ROOT / "docs/operations.md"
REQUESTS, STEP = 100_000, 10_000
LIMIT = 150  # MB
SETTLED = 0.5  # part of the requests after which it must not grow any more
GROWTH = 3  # MB from then on that are noise
ENCODINGS = ("br, gzip", "gzip", "identity")
WORDS = ("ketamine", "pain", "dose", "sleep", "esketamine", "nausea", "drive", "safe", "panic", "ketamina", "dolor")
CHANGE = re.compile(rf'href="({DESK}[0-9a-f-]{{36}}/change/)')
LISTS = ("", "?show=all", "?show=closed", "?alert=open", "?phq9=severe", "?kind__exact=contact", "?p=2&show=all")


class Counter:
    """Numbers the requests, and notes what the process holds after every STEP of them."""

    def __init__(self, web: Web, wanted: int) -> None:
        self.web, self.wanted, self.lock, self.done = web, wanted, threading.Lock(), 0
        self.held = {0: machine.memory(web.pid)}

    @property
    def is_full(self) -> bool:
        return self.done >= self.wanted

    def count(self) -> None:
        with self.lock:
            self.done += 1
            if self.done % STEP == 0:
                self.held[self.done] = machine.memory(self.web.pid)
                print(f"{self.done:9,} requests {self.held[self.done]:6.1f} MB", file=sys.stderr, flush=True)


class Line(HTTPConnection):
    """A connection whose requests are counted."""

    def __init__(self, counter: Counter) -> None:
        super().__init__("127.0.0.1", counter.web.port, timeout=60)
        self.counter = counter

    def getresponse(self) -> HTTPResponse:
        self.counter.count()
        return super().getresponse()


class Crowd:
    """Visitors of every kind and a member of staff, who make about 330 requests in a round."""

    def __init__(self, paths: Sequence[str], answers: Mapping[str, Mapping[str, object]], clinician: Clinician) -> None:
        self.paths, self.answers, self.clinician = paths, answers, clinician
        self.dice = random.Random(1)  # nosec B311 # the same pages each time
        self.desk = threading.Lock()  # one browser does one thing at a time

    def come(self, line: HTTPConnection) -> None:
        contacts, screened = [ContactToTheEnd([]) for _ in range(4)], Screened(self.answers, [])
        for contact in contacts:
            contact.open(line)
        opened = time.monotonic()
        self._read(line)
        screened.open(line)
        screened.send(line)
        with self.desk:
            self._work(line)
        time.sleep(max(opened + PAUSE - time.monotonic(), 0))
        for contact in contacts:
            contact.send(line)

    def _read(self, line: HTTPConnection) -> None:
        """Pages as they are kept, searches that nobody made before, and addresses that there are not."""
        for _ in range(240):
            fetch(line, self.dice.choice(self.paths), self.dice.choice(ENCODINGS))
        for language in ("/", "/es/"):
            for _ in range(4):
                words = "+".join([*self.dice.sample(WORDS, 2), str(self.dice.randrange(10**6))])
                fetch(line, f"{language}search/?q={words}")
            fetch(line, f"{language}page-{self.dice.randrange(10**6)}/", status=404)

    def _work(self, line: HTTPConnection) -> None:
        """The start page, the list with some filter, and a few submissions of it."""
        self.clinician.get(line, "/admin/")
        self.clinician.get(line, DESK + self.dice.choice(LISTS))
        for path in CHANGE.findall(self.clinician.page)[:3]:
            self.clinician.get(line, path)


def fetch(line: HTTPConnection, path: str, encoding: str = "gzip", status: int = 200) -> None:
    """A page for somebody who comes once."""
    line.request("GET", path, headers=Visitor().headers | {"Accept-Encoding": encoding})
    answer = line.getresponse()
    answer.read()
    if answer.status != status:
        raise Refused(f"{path}: {answer.status}")


def main(wanted: int) -> None:
    if not machine.IS_LINUX:
        sys.exit("What a process holds is read from /proc: this needs Linux.")
    with tempfile.TemporaryDirectory(prefix="clinic-memory-") as name:
        database = Server(Path(name) / "postgres")
        database.start()
        try:
            with servers.site(Path(name), database, quiet=True) as web:
                held = asked(web, wanted)
        finally:
            database.stop()
    text = tables.table(["MB"], [(f"after {number:,} requests", f"{size:.1f}") for number, size in held.items()])
    print(text)
    if wanted == REQUESTS:
        tables.keep(OUT, "memory", text)
    judge(held)


def asked(web: Web, wanted: int) -> dict[int, float]:
    """MB by the number of requests until then."""
    from clinic.kept import addresses

    clinician = Clinician()
    counter = Counter(web, wanted)
    clinician.sign_in(Line(counter))
    crowd = Crowd([path for known in addresses for path in known()], screening_answers(), clinician)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [pool.submit(keep_coming, crowd, counter) for _ in range(CONNECTIONS)]:
            done.result()
    return counter.held


def keep_coming(crowd: Crowd, counter: Counter) -> None:
    line = Line(counter)
    while not counter.is_full:
        crowd.come(line)


def judge(held: Mapping[int, float]) -> None:
    """Fail when it holds too much, or went on growing."""
    last = max(held)
    grown = held[last] - min(size for number, size in held.items() if number >= last * SETTLED)
    if held[last] > LIMIT or grown > GROWTH:
        sys.exit(
            f"It holds {held[last]:.0f} MB, at most {LIMIT} are allowed; grown by {grown:.1f} MB in the second half."
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else REQUESTS)
