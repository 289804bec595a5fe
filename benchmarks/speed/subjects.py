"""What is measured: each subject knows how to take one sample of itself."""

import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.speed import load, machine, servers
from benchmarks.speed.load import Sample, Visit
from benchmarks.speed.servers import HOST, Web
from benchmarks.speed.visitors import Contact, ContactToTheEnd, Screened, WagtailContact, screening_answers
from clinic.postgres import OWNER, Server

CONTENT = "content page"
KNOWN = "content page, to a browser with session and CSRF cookie"
BARE = "empty Django view, no middleware"
EMPTY = "empty Django view, middleware of startproject"
CONSTANT = "granian, the same bytes and headers from memory"
FILE = "nginx, the same bytes as a file"
WAGTAIL_PAGE = "Wagtail, a page of the same text"
STEP = "blank screening step, the PHQ-9"
PLAIN_FORM = "plain Django form, its 9 questions"
WAGTAIL_FORM = "Wagtail, a form page, its 9 questions"
CONTACT = "contact request: form, sent"
CONTACT_TO_THE_END = "contact request: form, sent, page with the reference"
WAGTAIL_VISIT = "Wagtail, a form of the same fields: form, sent"
INSERT = "pgbench, one row a commit"
SCREENING = "whole screening: every step, check, sent"

CONTENT_PATH = "/types/"
PAUSE = 3.1  # seconds; what is sent faster looks automatic to the site, and gets no receipt
SECURE = {"Host": HOST, "X-Forwarded-Proto": "https"}
GZIP = {"Accept-Encoding": "gzip"}
KNOWN_COOKIES = f"__Host-session={'s' * 32}; __Host-csrf={'c' * 32}"


@dataclass(frozen=True)
class Size:
    """Of a sample: seconds of pages, and how many visitors of Wagtail's form and of ours."""

    seconds: int
    visitors: int
    contacts: int
    screened: int


@dataclass(frozen=True)
class Subject:
    name: str
    take: Callable[[Size], Sample]


@dataclass
class Told:
    """What the site told visitors that it has."""

    contacts: list[str] = field(default_factory=list)
    screenings: list[str] = field(default_factory=list)


@contextmanager
def every(folder: Path, database: Server) -> Iterator[tuple[list[Subject], Told]]:
    """All of them, running; the load comes from other cores than theirs, where there are any."""
    machine.on_core_of_servers()
    database.start()
    try:
        with servers.site(folder, database) as site:
            _prepare(database)
            page, headers = site.ask(CONTENT_PATH, **SECURE, **GZIP)
            (folder / "texts.json").write_text(json.dumps(_texts(site)), encoding="utf-8")
            with (
                servers.constant(folder, page, headers) as constant,
                servers.nginx(folder, page) as file,
                servers.wagtail(folder, database) as wagtail,
                servers.plain(folder, "none") as bare,
                servers.plain(folder, "usual") as usual,
            ):
                for rival, path in ((constant, CONTENT_PATH), (file, "/page.html")):
                    _check_bytes(rival, path, page)
                machine.on_cores_of_load()
                told = Told()
                yield _Builder(folder, database, told).all(site, constant, file, wagtail, bare, usual), told
    finally:
        database.stop()


@dataclass
class _Builder:
    folder: Path
    database: Server
    told: Told

    def all(self, site: Web, constant: Web, file: Web, wagtail: Web, bare: Web, usual: Web) -> list[Subject]:
        """Each beside those that it is compared with."""
        answers = screening_answers()
        step, cookies = _blank_step(site)
        contacts, screenings = self.told.contacts, self.told.screenings
        return [
            self.page(CONTENT, site, CONTENT_PATH, **SECURE, **GZIP),
            self.page(KNOWN, site, CONTENT_PATH, **SECURE, **GZIP, Cookie=KNOWN_COOKIES),
            self.page(CONSTANT, constant, CONTENT_PATH, **SECURE, **GZIP),
            self.page(BARE, bare, "/empty/"),
            self.page(EMPTY, usual, "/empty/"),
            self.page(FILE, file, "/page.html", **GZIP),
            self.page(WAGTAIL_PAGE, wagtail, "/text/", **GZIP),
            self.page(STEP, site, step, **SECURE, Cookie=cookies),
            self.page(PLAIN_FORM, usual, "/form/"),
            self.page(WAGTAIL_FORM, wagtail, "/questions/"),
            self.visits(CONTACT, site, lambda: Contact(contacts), lambda size: size.contacts, PAUSE),
            self.visits(WAGTAIL_VISIT, wagtail, WagtailContact, lambda size: size.visitors),
            self.visits(CONTACT_TO_THE_END, site, lambda: ContactToTheEnd(contacts), lambda size: size.contacts, PAUSE),
            self.visits(SCREENING, site, lambda: Screened(answers, screenings), lambda size: size.screened),
            self.inserts(INSERT),
        ]

    def page(self, name: str, web: Web, path: str, **headers: str) -> Subject:
        roots = self._roots(web)
        return Subject(name, lambda size: load.pages(web, path, roots, size.seconds, self.folder, **headers))

    def visits(
        self, name: str, web: Web, make: Callable[[], Visit], count: Callable[[Size], int], pause: float = 0
    ) -> Subject:
        roots = self._roots(web)
        return Subject(name, lambda size: load.visits(web, make, count(size), roots, pause))

    def inserts(self, name: str) -> Subject:
        roots = self._roots()
        program = servers.program("pgbench", self.database.programs)
        command = [program, "-h", str(self.database.socket), "-U", OWNER, "rival"]
        (self.folder / "insert.sql").write_text("INSERT INTO one_row (text) VALUES ('a message of some length');\n")
        return Subject(name, lambda size: load.inserts(command, size.seconds, roots, self.folder))

    def _roots(self, *webs: Web) -> list[int]:
        assert self.database.pid
        return [self.database.pid, *(web.pid for web in webs)]


def _prepare(database: Server) -> None:
    """An alert of the site is e-mailed to somebody; the others have a database of their own on the same server."""
    from clinic.models import ClinicProfile

    ClinicProfile.objects.update(alert_emails="on.call@example.org")
    for name, statement in (("postgres", "CREATE DATABASE rival"), ("rival", "CREATE TABLE one_row (text text)")):
        run_sql(database, statement, name)


def run_sql(database: Server, statement: str, name: str = "postgres") -> None:
    connection = psycopg2.connect(host=str(database.socket), user=OWNER, dbname=name)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def _blank_step(site: Web) -> tuple[str, str]:
    """The address of the PHQ-9, and the cookies of somebody who has come to it."""
    visitor = Screened(screening_answers(), [])
    line = HTTPConnection("127.0.0.1", site.port, timeout=20)
    visitor.open(line)
    visitor.advance(line)
    line.close()
    assert visitor.page.count('type="radio"') >= 9 * 4, visitor.path
    return visitor.path, "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())


def _texts(site: Web) -> dict[str, Any]:
    """For those that are to show the same."""
    page = site.fetch(CONTENT_PATH, **SECURE).decode()
    body = re.search(r"<main[^>]*>(.*)</main>", page, re.DOTALL)
    assert body
    return {"title": "Types", "body": body[1], "questions": _questions(), "contact": _contact_fields()}


def _questions() -> list[dict[str, Any]]:
    from intake.models import Questionnaire

    form = next(one for one in Questionnaire.objects.all() if one.compiled.url.endswith("/phq-9")).compiled
    asked = [item for page in form.pages()[:1] for top in page.items for item in top.walk() if item.options]
    return [
        {"label": item.text("en"), "options": [str(option.display("en")) for option in item.options]}
        for item in asked[:9]
    ]


def _contact_fields() -> list[dict[str, Any]]:
    from intake.forms import ContactForm
    from intake.models import ConsentText

    kinds = {"email": "email", "message": "multiline", "agreed": "checkbox", "contact_method": "radio"}
    form = ContactForm(consent=ConsentText.current("contact", "en"))
    return [
        {
            "label": name.replace("_", " "),
            "field_type": kinds.get(name, "singleline"),
            "required": bound.required,
            "choices": "phone\nemail" if name == "contact_method" else "",
            "help_text": html.escape(str(bound.help_text)),
        }
        for name, bound in form.fields.items()
        if name not in ("website", "token")
    ]


def _check_bytes(rival: Web, path: str, page: bytes) -> None:
    """It sends the very bytes that the site sends."""
    if rival.fetch(path, **GZIP) != page:
        sys.exit(f"Not the same bytes are sent for {path} by process {rival.pid}.")
