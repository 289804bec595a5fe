"""Asking for pages and sending forms, and what that took. The generators' own work is not counted."""

import itertools
import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Protocol

from benchmarks.speed.machine import Meter
from benchmarks.speed.servers import Web, program

CONNECTIONS = 4
REPORT = """
done = function(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format('\\n{"done": %d, "failed": %d, "median": %d, "p99": %d}\\n', summary.requests,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Sample:
    """One subject in one round."""

    done: int
    failed: int
    wall: float  # seconds
    cpu: float  # seconds, of web and database together
    median: float  # milliseconds
    p99: float  # milliseconds
    noise: float  # part of the machine that others had

    @property
    def rate(self) -> float:
        return self.done / self.wall

    @property
    def cost(self) -> float:
        """Milliseconds of processors for each."""
        return self.cpu / self.done * 1000


def sample(meter: Meter, times: Sequence[float], failed: int = 0) -> Sample:
    """`times` are in milliseconds."""
    ordered = sorted(times)
    median, p99 = (ordered[math.ceil(len(ordered) * part) - 1] for part in (0.5, 0.99))
    return Sample(len(ordered), failed, meter.wall, meter.cpu, median, p99, meter.noise)


def pages(web: Web, path: str, roots: Sequence[int], seconds: int, folder: Path, **headers: str) -> Sample:
    """The same page again and again, over connections that stay open."""
    script = folder / "report.lua"
    script.write_text(REPORT)
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), *given]
    with Meter(roots) as meter:
        said = subprocess.run(
            [*command, f"http://127.0.0.1:{web.port}{path}"], capture_output=True, text=True, check=True
        )
    found = json.loads(said.stdout.splitlines()[-1])
    median, p99 = found["median"] / 1000, found["p99"] / 1000
    return Sample(found["done"], found["failed"], meter.wall, meter.cpu, median, p99, meter.noise)


class Visit(Protocol):
    """A visitor with a form: opens it, and sends it a while later."""

    def open(self, line: HTTPConnection) -> None: ...

    def send(self, line: HTTPConnection) -> None: ...


def visits(web: Web, make: Callable[[], Visit], count: int, roots: Sequence[int], pause: float) -> Sample:
    """So many visitors, CONNECTIONS of them at a time; all have opened their form `pause` seconds before one sends it.

    The pause counts as time of nobody.
    """
    meter, everybody = Meter(roots), [make() for _ in range(count)]
    opened = _each(web, everybody, lambda visit, line: visit.open(line), meter)
    time.sleep(pause)
    sent = _each(web, everybody, lambda visit, line: visit.send(line), meter)
    whole = [one + other for one, other in zip(opened, sent, strict=True) if one and other]
    if not whole:
        raise SystemExit("Every visit failed.")
    return sample(meter, whole, count - len(whole))


def _each(
    web: Web, everybody: Sequence[Visit], act: Callable[[Visit, HTTPConnection], None], meter: Meter
) -> list[float]:
    """Milliseconds of each visitor; 0 where something went wrong, which is said."""
    times, numbers = [0.0] * len(everybody), iter(range(len(everybody)))  # each number goes to one thread

    def work() -> None:
        line = HTTPConnection("127.0.0.1", web.port, timeout=20)
        for number in numbers:
            begin = time.perf_counter()
            try:
                act(everybody[number], line)
            except (OSError, HTTPException, Refused) as error:
                print(f"A visit failed: {error!r}", file=sys.stderr)
                line.close()
            else:
                times[number] = (time.perf_counter() - begin) * 1000
        line.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    with meter:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return times


class Refused(Exception):
    """The answer was not the one that a visitor hopes for."""


def inserts(command: Sequence[str], seconds: int, roots: Sequence[int], folder: Path) -> Sample:
    """pgbench with one row a transaction, which is on the disk before it is acknowledged."""
    for old in folder.glob("inserts.*"):
        old.unlink()
    options = ["-n", "-f", str(folder / "insert.sql"), f"-c{CONNECTIONS}", "-T", str(seconds), "-l"]
    with Meter(roots) as meter:
        subprocess.run([*command, *options, f"--log-prefix={folder / 'inserts'}"], check=True, capture_output=True)
    logs = [file.read_text().splitlines() for file in folder.glob("inserts.*")]
    return sample(meter, [int(line.split()[2]) / 1000 for line in itertools.chain(*logs)])
