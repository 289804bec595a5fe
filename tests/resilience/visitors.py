"""Visitors who press the button again when no answer came, as people do, and remember what they were told."""

import re
import threading
import time
import uuid
from collections.abc import Callable
from http.client import HTTPException
from itertools import count, pairwise
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

from intake import cookie
from tests.leaks.wire import WireClient
from tests.visitor import MARTA, Visitor, hidden

AGAIN, LONGEST = 0.3, 2.0  # seconds until somebody presses the button again; each time half as long again
TYPING = 3.2  # seconds that a person needs for the contact form
RISKY = [0] * 8 + [2]

Post = tuple[str, dict[str, Any]]
Browser = Callable[[int], WireClient]  # of the port
_networks = count(1)


class NotTaken(Exception):
    """The site answered, and not as it does to what is right."""


def calm(port: int) -> WireClient:
    """A browser on a network of its own, behind a proxy that speaks https with it."""
    number = next(_networks)
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    own = urlsplit(settings.SITE_URL)
    headers = {"host": own.netloc, "origin": settings.SITE_URL, "x-forwarded-proto": own.scheme}
    return WireClient(port, lambda answer: None, headers=headers | {"x-forwarded-for": address})


class Persistent:
    """Asks until the site answers; what a proxy or a broken line says is no answer."""

    def __init__(self, port: int, browser: Browser = calm) -> None:
        self.client = browser(port)
        self.failures = 0

    def get(self, path: str) -> HttpResponse:
        return self._until_answered(lambda: self.client.get(path))

    def post(self, path: str, data: dict[str, Any], expected: tuple[int, ...] = (302,)) -> HttpResponse:
        answer = self._until_answered(lambda: self.client.post(path, data))
        if answer.status_code not in expected:
            raise NotTaken(f"{answer.status_code} at {path}")
        return answer

    def _until_answered(self, ask: Callable[[], HttpResponse]) -> HttpResponse:
        pause = AGAIN
        while True:
            try:
                answer = ask()
            except (OSError, HTTPException):
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            self.failures += 1
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST)


def contact_fields(name: str) -> dict[str, str]:
    email = f"{name.replace(' ', '.')}@example.org".lower()
    return {"name": name, "contact_method": "email", "email": email, "message": f"About {name}.", "agreed": "on"}


def ask_for_contact(visitor: Persistent, name: str, typing: float = TYPING) -> str:
    """The reference that the site acknowledged it with."""
    fields = contact_fields(name) | {"token": hidden(visitor.get("/contact/"), "token")}
    time.sleep(typing)
    visitor.post("/contact/", fields)
    return visitor.client.cookies[cookie.REFERENCE].value


def rehearsed(port: int, browser: Browser = calm) -> list[Post]:
    """What a browser sends for a whole screening with a risky answer, up to the page that shows all answers."""
    posts: list[Post] = []
    client = browser(port)
    send = client.post

    def post(path: str, data: Any = None, **extra: Any) -> HttpResponse:
        posts.append((path, data or {}))
        return send(path, data, **extra)

    client.post = post  # type: ignore[method-assign]
    Visitor(client).finish(phq9=RISKY)
    return posts


def be_screened(visitor: Persistent, name: str, posts: list[Post]) -> str:
    """The reference on the last page."""
    own = {MARTA["name"]: name, MARTA["email"]: f"{name.replace(' ', '.')}@example.org".lower()}
    for path, data in posts:
        visitor.post(
            path, {field: own.get(value, value) if isinstance(value, str) else value for field, value in data.items()}
        )
    token = hidden(visitor.get("/screening/check/"), "token")
    visitor.post("/screening/check/", {"agreed": "on", "token": token})
    shown = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", visitor.get("/screening/done/").text)
    if shown is None:
        raise NotTaken("no reference on the last page")
    return shown[0]


class Crowd:
    """Visitors who come one after the other in several threads, until the crowd is told to end."""

    def __init__(self, port: int, contacts: int = 3, screenings: int = 3, browser: Browser = calm) -> None:
        self.port, self.browser, self.posts = port, browser, rehearsed(port, browser)
        self.acknowledged: dict[str, str] = {}  # reference by name
        self.times = list[float]()  # time.monotonic() of each acknowledgement
        self.failures, self.faults = 0, list[str]()
        self._ends = threading.Event()
        kinds = [ask_for_contact] * contacts + [self._screening] * screenings
        self._threads = [threading.Thread(target=self._come, args=[kind], daemon=True) for kind in kinds]

    def _screening(self, visitor: Persistent, name: str) -> str:
        return be_screened(visitor, name, self.posts)

    def _come(self, visit: Callable[[Persistent, str], str]) -> None:
        while not self._ends.is_set():
            self.visit(visit)

    def visit(self, visit: Callable[[Persistent, str], str]) -> None:
        name, visitor = f"Visitor {uuid.uuid4().hex}", Persistent(self.port, self.browser)
        try:
            self.acknowledged[name] = visit(visitor, name)
            self.times.append(time.monotonic())
        except Exception as error:
            self.faults.append(f"A visitor was turned away: {error!r}")
        self.failures += visitor.failures

    def longest_gap(self, since: float) -> float:
        """Seconds without an acknowledgement, from the last one before `since` until now."""
        times = sorted(self.times)
        begin = max((taken for taken in times if taken <= since), default=since)
        marks = [begin, *(taken for taken in times if taken > since), time.monotonic()]
        return max(later - earlier for earlier, later in pairwise(marks))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let everybody finish."""
        self._ends.set()
        for thread in self._threads:
            thread.join()
