"""The site as it is served, as processes of its own, beside a database server that writes down every statement."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from tests.mail import MailServer, mail_server
from tests.processes import family, free_port, told, wait_for

ROOT = settings.BASE_DIR
SERVE = ["-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4"]
SERVE += ["--log-config", str(ROOT / "clinic" / "granian.json"), "--log-level", "debug", "--access-log"]


class Site:
    """`folder` holds what its processes wrote: web.log, worker.log and the cache."""

    def __init__(self, folder: Path, mail: MailServer, planted: str) -> None:
        self.folder, self.mail, self.port = folder, mail, free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environment = os.environ | {
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail.port}",
            "CACHE_FOLDER": str(folder / "cache"),
            "DJANGO_SETTINGS_MODULE": "tests.leaks.settings",
            "PLANTED": planted,
        }

    def start(self) -> None:
        self._start("web.log", [*SERVE, "--port", str(self.port), "clinic.wsgi:application"])
        self._start("worker.log", ["manage.py", "deliver"])
        wait_for(f"http://127.0.0.1:{self.port}/healthz")

    def run(self, command: str, said: str) -> None:
        """Run a command that reads what is said to it."""
        with open(self.folder / "worker.log", "ab") as file:
            arguments = [sys.executable, "manage.py", command, "--verbosity", "0"]
            subprocess.run(arguments, cwd=ROOT, env=self.environment, input=said.encode(), stdout=file, stderr=file)

    def _start(self, log: str, arguments: list[str]) -> None:
        with open(self.folder / log, "ab") as file:
            self.processes.append(
                subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=file, stderr=file)
            )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)

    def told_of_processes(self, database: int) -> str:
        """Command line and environment of each of the processes, with those of the database server."""
        pids = [pid for parent in (database, *(process.pid for process in self.processes)) for pid in family(parent)]
        return "\n".join(told(pid, name) for pid in pids for name in ("cmdline", "environ"))


def database_url() -> str:
    """The database of the test, where every session writes down its statements and soon stops waiting for others."""
    options = urlencode({"options": "-c log_statement=all -c lock_timeout=500ms"})
    return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}?{options}"


@contextmanager
def database() -> Iterator[None]:
    """A copy of the tests' database, in which what is written stays until this ends."""
    original = connection.settings_dict["NAME"]
    copy = f"{original}_leaks"
    connection.close()
    _outside(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)', f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        _outside(f'DROP DATABASE "{copy}" WITH (FORCE)')


def _outside(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def site(folder: Path, planted: str) -> Iterator[Site]:
    """`planted` is in the environment of the processes."""
    with database(), mail_server() as mail:
        running = Site(folder, mail, planted)
        running.start()
        try:
            yield running
        finally:
            running.stop()
