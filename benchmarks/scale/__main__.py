"""The site over 1,000, 10,000 and 1,000,000 stored submissions, into docs/scale.md: python -m benchmarks.scale [SIZE …]

The sizes take turns, each with a database, a web process and a worker of its own on the same PostgreSQL. ROUNDS=1
TIMES=2 make a quick look, and ONLY=phq9 asks for what has this in its name; that, other sizes or a failed request are
printed and not kept. KEEP=folder leaves the databases there, and finds them again. All take some 30 GB of disk.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks import production
from benchmarks.scale import report
from benchmarks.scale.asked import Failed, acts
from benchmarks.scale.report import Found, Size
from benchmarks.speed import machine, servers
from benchmarks.speed.load import Refused
from benchmarks.speed.subjects import run_sql
from benchmarks.speed.visitors import screening_answers
from clinic.postgres import Server

SIZES = (1_000, 10_000, 1_000_000)
ROUNDS = int(os.environ.get("ROUNDS", 6))
TIMES = int(os.environ.get("TIMES", 8))  # in a round
ONLY = os.environ.get("ONLY", "")
OUT = production.ROOT / "docs/scale.md"
LOCAL = {"LOCAL": "1", "SITE_URL": "http://localhost:8000", "ALLOWED_HOSTS": "localhost"}
SETTINGS = ("shared_buffers=1GB", "max_wal_size=8GB", "max_connections=60")


def main(counts: tuple[int, ...]) -> None:
    with ExitStack() as stack:
        folder = Path(
            os.environ.get("KEEP") or stack.enter_context(tempfile.TemporaryDirectory(prefix="clinic-scale-"))
        )
        database = Server(folder / "postgres")
        database.start(*SETTINGS)
        stack.callback(database.stop)
        _environment(folder, database)
        sizes = [_filled(database, folder, count) for count in counts]
        os.environ["DATABASE_URL"] = sizes[0].url
        production.prepare()
        found, failed = _rounds(stack, sizes)
        work = {size.count: _asked(size, "work") for size in sizes}
    text = "\n".join(report.written(sizes, found, work, ROUNDS, TIMES)) + "\n"
    print(text)
    against = [*failed, *(["this was a quick look"] if ROUNDS < 3 or ONLY or counts != SIZES else [])]
    if against:
        sys.exit("\n".join(["Not published:", *against]))
    OUT.write_text(text, encoding="utf-8")


def _environment(folder: Path, database: Server) -> None:
    """As in production; the keys are those that an earlier run kept with its databases."""
    file = folder / "environment.json"
    made = production.environment(folder, database.url(), 443)
    kept = json.loads(file.read_text()) if file.exists() else {key: made[key] for key in ("SECRET_KEY", "FIELD_KEYS")}
    file.write_text(json.dumps(kept))
    host = {"SITE_URL": f"https://{servers.HOST}", "ALLOWED_HOSTS": servers.HOST, "TRUSTED_PROXIES": "127.0.0.0/8"}
    os.environ.update(made | kept | host)


def _filled(database: Server, folder: Path, count: int) -> Size:
    """By the command of a trial, in local mode; what an earlier run has filled is taken as it is."""
    name, told = f"stored{count}", folder / f"filled-{count}.json"
    size = Size(count, database.url().removesuffix("postgres") + name)
    if not told.exists():
        print(f"Filling {count:,}", file=sys.stderr, flush=True)
        run_sql(database, f"DROP DATABASE IF EXISTS {name}")
        run_sql(database, f"CREATE DATABASE {name}")
        told.write_text(json.dumps(_asked(size, "fill", str(count), **LOCAL)))
    size.filled = json.loads(told.read_text())
    return size


def _asked(size: Size, *what: str, **environment: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale.filled", *what]
    changed = os.environ | {"DATABASE_URL": size.url} | environment
    said = subprocess.run(command, cwd=production.ROOT, env=changed, check=True, stdout=subprocess.PIPE)
    answer: dict[str, Any] = json.loads(said.stdout)
    return answer


def _rounds(stack: ExitStack, sizes: list[Size]) -> tuple[Found, list[str]]:
    """Each act is asked of all sizes in turn before the next one; the first round warms up and is not counted."""
    answers, found, failed = screening_answers(), Found(), []
    asked = {}
    for size in sizes:
        told = _asked(size, "tell")
        web = stack.enter_context(servers.granian("clinic.wsgi:application", "/healthz", DATABASE_URL=size.url))
        stack.enter_context(_worker(size))
        asked[size.count] = acts(web, told, answers)
    for number in range(ROUNDS + 1):
        for name in (name for name in asked[sizes[0].count] if ONLY in name):
            for count in _turned(list(asked), number):
                try:
                    spans = asked[count][name](TIMES if number else 1)
                except (OSError, HTTPException, Refused, Failed) as error:
                    failed.append(f"{name} at {count:,}: {error!r}")
                else:
                    found.add(name, count, spans if number else [])
        print(f"{number}/{ROUNDS}, load {machine.load()}", file=sys.stderr, flush=True)
    return found, failed


@contextmanager
def _worker(size: Size) -> Iterator[None]:
    """Which delivers the e-mails, counts figures and seals the record meanwhile."""
    changed = os.environ | {"DATABASE_URL": size.url}
    command = [sys.executable, "manage.py", "deliver"]
    worker = subprocess.Popen(command, cwd=production.ROOT, env=changed, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def _turned(counts: list[int], number: int) -> Iterator[int]:
    """Another one begins each time."""
    begin = number % len(counts)
    yield from counts[begin:] + counts[:begin]


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
