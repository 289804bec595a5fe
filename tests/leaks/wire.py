"""Django's test client, in front of a site that runs as a process of its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import Client

LINK = re.compile(rb'\b(?:href|src|action|formaction)="([^"]*)"')
OF_THE_CONNECTION = {"connection", "date", "server", "set-cookie", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    path: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def addresses(self) -> list[bytes]:
        """Where it leads: by redirect, and by the links and forms of the page; calls and e-mails are no addresses."""
        led = [value.encode() for name, value in self.headers if name.lower() in ("location", "content-location")]
        return [
            address for address in (*led, *LINK.findall(self.body)) if not address.startswith((b"tel:", b"mailto:"))
        ]

    def header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name.lower() == wanted), "")

    @property
    def cookies(self) -> list[str]:
        return [value for name, value in self.headers if name.lower() == "set-cookie"]


class WireClient(Client):
    """Sends what the test client makes over HTTP, with the CSRF token that a page's form would hold.

    Each answer is handed to `heard`, as it came.
    """

    def __init__(self, port: int, heard: Callable[[Answer], None], **defaults: Any) -> None:
        super().__init__(**defaults)
        self.port, self.heard = port, heard
        self.handler = self._send  # type: ignore[assignment]
        self.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32

    def line(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=20)

    def _send(self, environ: dict[str, Any]) -> HttpResponse:
        connection = self.line()
        path = quote(environ["PATH_INFO"].encode("latin-1"))
        query = environ["QUERY_STRING"]
        body = environ["wsgi.input"].read()
        connection.request(environ["REQUEST_METHOD"], f"{path}?{query}" if query else path, body, _headers(environ))
        came = connection.getresponse()
        headers = came.getheaders()
        try:
            answer = Answer(environ["PATH_INFO"], came.status, headers, came.read())
        finally:
            connection.close()
        self.heard(answer)
        return _response(answer, environ)


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    found = {name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")}
    found["Content-Type"], found["Host"] = environ.get("CONTENT_TYPE", ""), found.pop("HOST", "127.0.0.1")
    csrf = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(settings.CSRF_COOKIE_NAME)
    return found | ({"X-CSRFToken": csrf.value} if csrf else {})


def _response(answer: Answer, environ: dict[str, Any]) -> HttpResponse:
    kept = {name: value for name, value in answer.headers if name.lower() not in OF_THE_CONNECTION}
    response = HttpResponse(answer.body, status=answer.status, headers=kept)
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            response.cookies.load(value)
    response.wsgi_request = WSGIRequest(environ)  # type: ignore[attr-defined]
    return response
