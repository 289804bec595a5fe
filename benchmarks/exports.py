"""Exporting very many submissions from the desk, into docs/exports.md: python -m benchmarks.exports [SUBMISSIONS]

Over HTTP, from the site as it runs in production, by a clinician with a second factor. Another number than the usual
one is a quick look, which is printed and not kept.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

from benchmarks import tables
from benchmarks.production import ROOT
from benchmarks.speed import machine, servers
from benchmarks.speed.load import Refused
from benchmarks.speed.machine import Meter
from benchmarks.speed.servers import Web
from benchmarks.speed.visitors import FORM, HIDDEN
from benchmarks.staff import DESK, Clinician
from clinic.postgres import Server

SUBMISSIONS = 10_000
WANTED = {"csv": 5_000, "transaction": 500, "collection": 500}  # a second
GROWTH = 50  # MB at most
LOOKED_INTO = 20  # Bundles of a zip, of those that are spread over it
OUT = ROOT / "docs/exports.md"
PATH = f"{DESK}export/?show=all"
TIMES = ("first byte, s", "seconds", "CPU of web, s", "of PostgreSQL, s", "a second", "asked for")
COLUMNS = ("submissions", "MB", *TIMES, "memory before, MB", "at most", "after")


@dataclass(frozen=True)
class Export:
    """`before`, `most` and `after` are MB that the web process holds."""

    kind: str
    size: int  # bytes
    first: float  # seconds until the first byte
    wall: float
    web: float  # seconds of processors
    database: float
    before: float
    most: float
    after: float


def main(count: int) -> None:
    if not machine.IS_LINUX:
        sys.exit("What a process holds and costs is read from /proc: this needs Linux.")
    with tempfile.TemporaryDirectory(prefix="clinic-exports-") as name:
        folder = Path(name)
        database = Server(folder / "postgres")
        database.start()
        try:
            with servers.site(folder, database, quiet=True) as web:
                clinician = Clinician()  # who has worked what is filled in
                fill(count)
                found = list(exports(clinician, web, database, folder))
        finally:
            database.stop()
        for export in found:
            check(folder / export.kind, export.kind, count)
    text = tables.table(COLUMNS, [row(export, count) for export in found])
    print(text)
    if count == SUBMISSIONS:
        tables.keep(OUT, "exports", text)
    judge(found, count)


def fill(count: int) -> None:
    """Invented submissions, which only local mode makes, in the database and with the keys of the site. Saves."""
    local = {"LOCAL": "1", "ALLOWED_HOSTS": "localhost", "SITE_URL": "http://localhost:8000", "TRUSTED_PROXIES": ""}
    settings = {"DJANGO_SETTINGS_MODULE": "clinic.settings"}
    command = [sys.executable, "manage.py", "make_submissions", str(count)]
    subprocess.run(command, cwd=ROOT, env=os.environ | local | settings, check=True, stderr=subprocess.DEVNULL)


def exports(clinician: Clinician, web: Web, database: Server, folder: Path) -> Iterator[Export]:
    """Each kind, one after the other, as a file in the folder."""
    line = HTTPConnection("127.0.0.1", web.port, timeout=600)
    clinician.sign_in(line)
    clinician.get(line, DESK)
    for kind in WANTED:
        clinician.get(line, PATH)
        yield taken(clinician, line, kind, web, database, folder / kind)


def taken(clinician: Clinician, line: HTTPConnection, kind: str, web: Web, database: Server, file: Path) -> Export:
    body = urlencode([*HIDDEN.findall(clinician.page), ("reason", "quality-review"), ("format", kind)])
    assert database.pid
    with Watch(web.pid) as watch, Meter([web.pid]) as site, Meter([database.pid]) as stored:
        begin = time.monotonic()
        line.request("POST", PATH, body, clinician.told | FORM)
        answer = line.getresponse()
        with file.open("wb") as out:
            out.write(answer.read(1))
            first = time.monotonic() - begin
            while part := answer.read(65_536):
                out.write(part)
    if answer.status != 200:
        raise Refused(f"{kind}: {answer.status}")
    after = machine.memory(web.pid)
    size = file.stat().st_size
    return Export(kind, size, first, site.wall, site.cpu, stored.cpu, watch.before, watch.most, after)


class Watch(threading.Thread):
    """Looks every 20 ms what the web process holds."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.ends = pid, threading.Event()
        self.before = self.most = machine.memory(pid)

    def run(self) -> None:
        while not self.ends.wait(0.02):
            self.most = max(self.most, machine.memory(self.pid))

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ends.set()
        self.join()


def check(file: Path, kind: str, count: int) -> None:
    """Every submission is in it once, and what is looked into is whole. Raises AssertionError."""
    if kind == "csv":
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
        assert len({row["Reference"] for row in rows}) == len(rows) == count
        assert all(row["Name"] and "decrypted" not in "".join(row.values()) for row in rows)
        return
    with ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(set(names)) == len(names) == count
        for name in names[:: max(count // LOOKED_INTO, 1)]:
            check_bundle(json.loads(archive.read(name)), kind)


def check_bundle(bundle: dict[str, object], kind: str) -> None:
    from fhir.resources.R4B.bundle import Bundle

    entries = Bundle.model_validate(bundle).entry
    assert bundle["type"] == kind
    kinds = [entry.resource.get_resource_type() for entry in entries]
    assert kinds.count("QuestionnaireResponse") == kinds.count("Questionnaire")
    assert {"Patient", "Consent", "Provenance"} <= set(kinds)


def row(export: Export, count: int) -> list[str]:
    name = "CSV" if export.kind == "csv" else f"zip of FHIR {export.kind}s"
    seconds = (export.first, export.wall, export.web, export.database)
    rates = (f"{count / export.wall:,.0f}", f"{WANTED[export.kind]:,}")
    held = (export.before, export.most, export.after)
    return [
        name, f"{count:,}", f"{export.size / 1e6:.1f}", *(f"{one:.2f}" for one in seconds), *rates,
        *(f"{one:.1f}" for one in held),
    ]  # fmt: skip


def judge(found: list[Export], count: int) -> None:
    """Fail when one grew too much or was too slow; the time of a few submissions says nothing."""
    wrong = [f"{one.kind}: grew by {one.most - one.before:.0f} MB" for one in found if one.most - one.before > GROWTH]
    if count >= SUBMISSIONS:
        wrong += [f"{one.kind}: took {one.wall:.1f} s" for one in found if count / one.wall < WANTED[one.kind]]
    if wrong:
        sys.exit("\n".join(["Not as was asked for:", *wrong]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SUBMISSIONS)
