"""A client that sends every byte as it was told to, and a browser for an honest visitor on top of it."""

import socket
import ssl
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from django.urls import reverse

from tests.hostile.judge import Answer
from tests.hostile.requests import Request, Target, opening, posting
from tests.hostile.targets import with_form
from tests.visitor import Visitor

TRUSTING = ssl._create_unverified_context()
PATIENCE = 20  # seconds


class Line:
    """The way to the proxy. Each request comes from another network of loopback, as from another visitor."""

    def __init__(self, port: int) -> None:
        self.port, self.own = port, f"https://localhost:{port}"

    def send(self, request: Request) -> Answer:
        headers = {"Host": f"localhost:{self.port}", "Connection": "close", **request.headers}
        if request.method not in ("GET", "HEAD"):
            headers = {"Origin": self.own, "Content-Length": str(len(request.body)), **headers}
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = b" ".join((request.method.encode(), request.path, b"HTTP/1.1\r\n"))
        head += "\r\n".join([*lines, "", ""]).encode("latin-1")
        return self.say(head + request.body, request.method, request.number)

    def say(self, data: bytes, method: str = "GET", number: int = 0) -> Answer:
        with self.connected(number) as line:
            began = time.perf_counter()
            with suppress(OSError):  # refused before the end: what it said is there to read
                line.sendall(data)
            status, headers, body = self.heard(line, method)
            return Answer(status, headers, body, time.perf_counter() - began)

    def connected(self, number: int) -> ssl.SSLSocket:
        source = f"127.{1 + number // 250 % 250}.{number % 250}.1"
        line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE, source_address=(source, 0))
        return TRUSTING.wrap_socket(line, server_hostname="localhost")

    @staticmethod
    def heard(line: ssl.SSLSocket, method: str = "GET") -> tuple[int, list[tuple[str, str]], bytes]:
        """Status 0 when the line was closed without an answer."""
        answer = HTTPResponse(line, method=method)
        try:
            answer.begin()
            return answer.status, answer.getheaders(), answer.read()
        except (HTTPException, OSError):
            return 0, [], b""


class Page:
    def __init__(self, answer: Answer) -> None:
        self.status_code, self.text = answer.status, answer.body.decode()


class Browser:
    """What tests.visitor needs of Django's test client, through the proxy."""

    def __init__(self, line: Line) -> None:
        self.line, self.cookies = line, SimpleCookie()

    def get(self, path: str) -> Page:
        return Page(self._answer(opening(self._target(path))))

    def post(self, path: str, data: dict[str, str | list[str]] | None = None) -> Page:
        page = self.form(path)
        token = dict(page.fields)["csrfmiddlewaretoken"]
        body = urlencode({**(data or {}), "csrfmiddlewaretoken": token}, doseq=True).encode()
        return Page(self._answer(posting(page, body)))

    def form(self, path: str) -> Target:
        answer = self._answer(opening(self._target(path)))
        return with_form(self._target(path), answer)

    def _target(self, path: str) -> Target:
        return Target(
            path, cookies=tuple((name, morsel.value) for name, morsel in self.cookies.items() if morsel.value)
        )

    def _answer(self, request: Request) -> Answer:
        answer = self.line.send(request)
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                self.cookies.load(value)
        return answer


class DistantVisitor(Visitor):
    def send(self, **changes: str) -> Page:
        address = reverse("intake:check")
        fields = dict(self.client.form(address).fields)
        return self.client.post(address, {"agreed": "on", "token": fields["token"]} | changes)
