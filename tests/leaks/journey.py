"""What came back from the site, and what it left behind, while two patients, a clinician and a worker used it."""

import email.policy
import pickle
import re
import zlib
from collections import defaultdict
from email import message_from_bytes
from pathlib import Path

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse

from clinic.postgres import Server
from tests.dump import dump
from tests.leaks.marks import Marks
from tests.leaks.site import Site
from tests.leaks.wire import Answer, WireClient

OWN_PAGES = (400, 403, 404, 405, 411, 413, 415, 500, 503)  # a 422 shows the form as it was sent, to who sent it,
GIVEN_BACK = re.compile(rb'<input type="hidden" name="[^"]*" value="[^"]*">')  # and so does a 503, in such fields


class Journey:
    """`marks` are the texts that were sent, by field; `secrets` what opens something; `failed` the statuses."""

    def __init__(self, site: Site, marks: Marks) -> None:
        self.site, self.marks = site, marks
        self.secrets: dict[str, str] = {}
        self.failed: dict[str, int] = {}
        self.answers: list[Answer] = []
        self.heard: dict[str, list[bytes]] = defaultdict(list)
        self.postgres = _postgres_folder()
        self.postgres_log = self.postgres / "postgres.log"
        self.log_begins = self.postgres_log.stat().st_size

    def client(self, **headers: str) -> WireClient:
        return WireClient(self.site.port, self._answered, headers={"user-agent": self.marks["user agent"], **headers})

    def email(self, name: str) -> str:
        return f"{self.marks[name]}@example.org".lower()

    def fail(self, name: str, response: HttpResponse) -> None:
        self.failed[name] = response.status_code

    def heard_in(self, place: str) -> bytes:
        return b"\n".join(self.heard[place])

    def hear(self, place: str, *texts: str | bytes) -> None:
        self.heard[place] += [text.encode() if isinstance(text, str) else text for text in texts]

    def _answered(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.hear("addresses", *answer.addresses)
        self.hear("cookies", *answer.cookies)
        self.hear("headers", repr(answer.headers))
        if answer.status in OWN_PAGES:
            self.hear("error pages", GIVEN_BACK.sub(b"", answer.body))
        self.hear("sessions", *(repr(session.get_decoded()) for session in Session.objects.all()))
        self.hear_statements()

    def hear_statements(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT query FROM pg_stat_activity WHERE datname = current_database()")
            self.hear("statements that run", *(query for (query,) in cursor.fetchall()))

    def hear_database(self, place: str) -> None:
        self.hear(place, dump())

    def hear_rows(self) -> None:
        """What each row is called, by str() and repr(), and what a traceback would show of its attributes."""
        for model in apps.get_models():
            for row in model._base_manager.all():
                for field in model._meta.concrete_fields:
                    getattr(row, field.attname)  # which decrypts it
                self.hear("names of rows", f"{row} {row!r} {vars(row)!r}")

    def hear_processes(self) -> None:
        self.hear("processes", self.site.told_of_processes(Server(self.postgres).pid))

    def hear_letters(self) -> None:
        """Each without the address that it goes to."""
        for letter in self.site.mail.letters:
            message = message_from_bytes(letter.content, policy=email.policy.default)
            text = f"{message.items()} {message.get_content()}"
            for address in letter.rcpt_tos:
                text = text.lower().replace(address.lower(), "")
            self.hear("e-mails", text)

    def hear_cache(self) -> None:
        folder = self.site.folder / "cache"
        self.hear("cache", *(_cached(file) for file in folder.glob("*.djcache")), (folder / "keys").read_bytes())

    def hear_logs(self) -> None:
        """Called at the end, when the processes have written all that they had to say."""
        self.hear("log of the web process", (self.site.folder / "web.log").read_bytes())
        self.hear("log of the worker and of commands", (self.site.folder / "worker.log").read_bytes())
        log = self.postgres_log.read_bytes()[self.log_begins :].decode()
        for entry in re.split(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", log, flags=re.MULTILINE):
            self.hear("every statement" if "LOG:  statement:" in entry else "log of PostgreSQL", entry)


def _postgres_folder() -> Path:
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return Path(cursor.fetchone()[0]).parent


def _cached(file: Path) -> bytes:
    """What Django's cache keeps in a file, behind the time at which it ends."""
    with open(file, "rb") as opened:
        pickle.load(opened)
        return zlib.decompress(opened.read())
