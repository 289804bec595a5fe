"""The site as it runs in production, over the database of a test: granian behind a proxy that it trusts."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPResponse
from http.cookies import SimpleCookie
from io import StringIO
from pathlib import Path
from urllib.request import Request

from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from benchmarks import production
from benchmarks.production import ROOT
from tests.processes import free_port, wait_for

HOST = "www.example.org"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def cookies(self) -> SimpleCookie:
        return SimpleCookie("\n".join(self.headers.get_all("Set-Cookie", [])))


class Site:
    """What a proxy can say to the site."""

    def __init__(self, port: int) -> None:
        self.port = port

    def say(self, data: bytes, method: str = "GET", *, ends: bool = False) -> Answer:
        """Send these bytes; with `ends` nothing more comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(data)
            if ends:
                line.shutdown(socket.SHUT_WR)
            heard = HTTPResponse(line, method=method)
            heard.begin()
            return Answer(heard.status, heard.headers, heard.read())

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        *,
        host: str | None = HOST,
        scheme: str | None = "https",
        ends: bool = False,
        **headers: str | None,
    ) -> Answer:
        """Ask as a proxy would. A header that is None is left out."""
        told = {"Host": host, "X_Forwarded_Proto": scheme, "Connection": "close"}
        told |= {"Content_Type": FORM, "Content_Length": str(len(body))} if method == "POST" else {}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in (told | headers).items() if value is not None]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        return self.say(head.encode("latin-1") + body, method, ends=ends)


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    port = free_port()
    database = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    secret = {"SECRET_KEY": os.environ["SECRET_KEY"]}  # the tests' own, so that they can make a session
    hosts = {"SITE_URL": f"https://{HOST}", "ALLOWED_HOSTS": HOST, "TRUSTED_PROXIES": "127.0.0.0/8"}
    environment = os.environ | production.environment(folder, database, port) | secret | hosts
    collect(folder / "static")
    command = [sys.executable, "-m", "granian", *production.options(port)]
    web = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": HOST}))
        yield Site(port)
    finally:
        web.terminate()
        web.wait(20)


def collect(folder: Path) -> None:
    storages = {"staticfiles": {"BACKEND": "clinic.storage.JoinedStaticFilesStorage"}}
    kinds = [path.suffix[1:] for path in (ROOT / "static").rglob("*.*")]  # compressing takes longer than all the rest
    with override_settings(STATIC_ROOT=folder, STORAGES=storages, WHITENOISE_SKIP_COMPRESS_EXTENSIONS=kinds):
        call_command("collectstatic", interactive=False, stdout=StringIO())
