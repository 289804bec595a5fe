"""What the answer to a hostile request has to be like."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from tests.hostile.requests import Request
from tests.hostile.values import MARK

SLOWEST = 1.0  # seconds
TRIES = 10
ELSEWHERE = 421  # the proxy's, to who asks it for another site
WORDLESS = 412  # what only a program asks for: a condition that does not hold
REFLECTED = re.compile(rf"<{MARK}|['\"](?:>|&gt;)(?:<|&lt;){MARK}".encode(), re.IGNORECASE)
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def cookies(self) -> dict[str, str]:
        """What the answer sets, without what it takes away."""
        found: SimpleCookie = SimpleCookie()
        for key, value in self.headers:
            if key.lower() == "set-cookie":
                found.load(value)
        return {name: morsel.value for name, morsel in found.items() if morsel.value}


@dataclass
class Judge:
    """Collects what was wrong, so that one run tells everything."""

    own: str  # address of the site
    send: Callable[[Request], Answer]
    required: dict[str, str] = field(default_factory=lambda: HEADERS)  # what stands in which header of every answer
    faults: list[str] = field(default_factory=list)
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)  # by kind and status

    def ask(self, request: Request) -> None:
        """Send the request, one that took long again: a busy computer is slow now and then, a slow page always."""
        answer = self.send(request)
        again = (self.send(request) for _ in range(TRIES - 1))
        while answer.seconds > SLOWEST and (other := next(again, None)):
            answer = min(answer, other, key=lambda one: one.seconds)
        self.counts[request.kind, answer.status] += 1
        self.faults += [f"request {request.number} ({request.kind}): {fault}" for fault in self.of(request, answer)]

    def of(self, request: Request, answer: Answer) -> Iterator[str]:
        """The faults of one answer. They never repeat what was sent."""
        refusal = 400 <= answer.status < 500
        if not 100 <= answer.status < 500 or (request.refused and not refusal):
            yield f"answered with {answer.status}"
        if refusal and answer.status != WORDLESS and len(answer.body.split()) < 3:
            yield f"refused with {answer.status} and without a word"
        if REFLECTED.search(answer.body):
            yield "gave back markup"
        if any(MARK in name.lower() for name, _ in answer.headers):
            yield "gave back a header"
        if answer.seconds > SLOWEST:
            yield f"took {answer.seconds:.1f} s"
        if self._leads_away(answer.header("Location")):
            yield "leads to another site"
        if answer.status != ELSEWHERE:
            yield from (f"has no {name}" for name, value in self.required.items() if value not in answer.header(name))

    def _leads_away(self, location: str) -> bool:
        is_absolute = re.match(r"\s*([a-z][a-z0-9+.-]*:|[/\\]{2})", location, re.IGNORECASE)
        return bool(is_absolute) and not f"{location}/".startswith(f"{self.own}/")
