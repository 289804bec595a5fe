"""The site as it runs in production, as processes that may be killed, stopped and started again."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from benchmarks import production
from clinic.postgres import Server
from tests.mail import MailServer, mail_server
from tests.processes import free_port

ROOT = production.ROOT
ROLE = "clinic_app"
ON_CALL = "on-call@example.org"
PATIENCE = 60  # seconds until a scenario gives up


class Process:
    """One of the site's processes, with all that it starts; its log goes on over every new start."""

    def __init__(self, log: Path, arguments: list[str]) -> None:
        self.log, self.command = log, [sys.executable, *arguments]
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        with open(self.log, "ab") as file:
            self.running = subprocess.Popen(
                self.command, cwd=ROOT, env=os.environ | environment, stderr=file, start_new_session=True
            )

    def signal(self, number: int) -> None:
        assert self.running
        os.killpg(self.running.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.running
        self.running.wait()

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self.running and self.running.poll() is None:
            self.signal(signal.SIGCONT)
            self.running.terminate()
            try:
                self.running.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


class Stack:
    """`public` is the port that visitors know, `port` the one on which the site listens."""

    def __init__(self, folder: Path, server: Server, mail: MailServer, public: int) -> None:
        self.folder, self.server, self.mail, self.public, self.port = folder, server, mail, public, free_port()
        self.web = self.process("web.log", ["-m", "granian", *production.options(self.port)])
        self.worker = self.process("worker.log", ["manage.py", "deliver"])

    def process(self, log: str, arguments: list[str]) -> Process:
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        return Process(logs / log, arguments)

    def start(self, **environment: str) -> None:
        self.start_web(**environment)
        self.worker.start(**environment)

    def start_web(self, **environment: str) -> None:
        self.web.start(**environment)
        wait_until(self._answers)

    def _answers(self) -> bool:
        from tests.resilience.visitors import calm

        try:
            return calm(self.port).get("/healthz").status_code == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.web.stop()
        self.worker.stop()


def wait_until(happens: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Wait for it, and return how long it took."""
    begin = time.monotonic()
    while not happens():
        if time.monotonic() - begin > seconds:
            raise TimeoutError("It did not happen in time.")
        time.sleep(0.05)
    return time.monotonic() - begin


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """Everything but the processes of the site runs, over a database with the start texts. Sets Django up."""
    logging.disable()  # of this process; those of the site have logs of their own
    folder.chmod(0o755)  # nginx's workers are another user
    public = free_port()
    os.environ["TRUSTED_PROXIES"] = "127.0.0.1"
    with production.prepared(folder, public) as server, mail_server() as mail:
        settle()
        os.environ["DATABASE_URL"] = server.url(ROLE)
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
        made = Stack(folder, server, mail, public)
        try:
            yield made
        finally:
            made.stop()


def settle() -> None:
    from django.core.management import call_command

    from clinic.models import ClinicProfile

    call_command("grant_application_role", ROLE, stdout=StringIO())
    ClinicProfile.objects.update(alert_emails=ON_CALL)
