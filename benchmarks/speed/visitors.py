"""Visitors who fill a form in, as their browsers would: cookies, hidden fields, and the page after the form."""

import itertools
import re
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from benchmarks.speed.load import Refused
from benchmarks.speed.servers import HOST

if TYPE_CHECKING:
    from intake.fhir import Item

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
REFERENCE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")
CONTACT_PATH, SCREENING_PATH, CHECK_PATH = "/contact/", "/screening/", "/screening/check/"
REFERENCE_COOKIE = "__Host-reference"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NETWORK = ip_network("198.18.0.0/15")  # set aside for benchmarks; each visitor has an address, because the site counts
_numbers = itertools.count(1)


class Visitor:
    """One browser, over a connection that others use too."""

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.cookies: dict[str, str] = {}
        self.page = ""
        self.headers = {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": str(NETWORK[self.number]),
            "Accept-Encoding": "identity",
        }

    @property
    def told(self) -> dict[str, str]:
        """The headers of its requests."""
        return self.headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    @property
    def email(self) -> str:
        return f"visitor{self.number}@example.org"

    def get(self, line: HTTPConnection, path: str) -> None:
        if self._ask(line, "GET", path).status != 200:
            raise Refused(path)

    def post(self, line: HTTPConnection, path: str, fields: Mapping[str, object]) -> str:
        """Send the page's form, with its hidden fields; where the answer leads to, or "" if it is a page."""
        body = urlencode({**dict(HIDDEN.findall(self.page)), **fields}, doseq=True)
        answer = self._ask(line, "POST", path, body)
        if answer.status not in (200, 302):
            raise Refused(f"{path}: {answer.status}")
        return answer.headers.get("Location", "")

    def _ask(self, line: HTTPConnection, method: str, path: str, body: str | None = None) -> HTTPResponse:
        line.request(method, path, body, self.told | (FORM if body else {}))
        answer = line.getresponse()
        self.page = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def reference(self) -> str:
        found = REFERENCE.search(self.page)
        if not found:
            raise Refused("There is no reference on the page.")
        return found[0]


class Contact(Visitor):
    """Who asks to be contacted; `acknowledged` collects the references of all, which the answers to their POSTs set."""

    def __init__(self, acknowledged: list[str]) -> None:
        super().__init__()
        self.acknowledged = acknowledged

    def open(self, line: HTTPConnection) -> None:
        self.get(line, CONTACT_PATH)

    def send(self, line: HTTPConnection) -> None:
        self.led = self.post(line, CONTACT_PATH, contact_answers(self) | {"website": ""})
        if REFERENCE_COOKIE not in self.cookies:
            raise Refused("There is no reference.")
        self.acknowledged.append(self.cookies[REFERENCE_COOKIE])


class ContactToTheEnd(Contact):
    """Who reads the page after the form as well."""

    def send(self, line: HTTPConnection) -> None:
        super().send(line)
        self.get(line, self.led)
        if self.reference() != self.cookies[REFERENCE_COOKIE]:
            raise Refused("The page shows another reference.")


def contact_answers(visitor: Visitor) -> dict[str, str]:
    return {
        "name": f"Visitor {visitor.number}",
        "contact_method": "email",
        "phone": "(718) 555-0123",
        "email": visitor.email,
        "best_time": "weekday mornings",
        "preferred_language": "English",
        "message": f"Could you call me about a first visit? My sister told me of you. I am number {visitor.number}.",
        "agreed": "on",
    }


class WagtailContact(Visitor):
    """The same visitor on Wagtail's form."""

    def open(self, line: HTTPConnection) -> None:
        self.get(line, "/contact/")

    def send(self, line: HTTPConnection) -> None:
        self.post(line, "/contact/", contact_answers(self))
        if "Thank you." not in self.page:
            raise Refused("There is no thanks on the page.")


class Screened(Visitor):
    """Who goes through the whole screening; `answers` are what is sent, by a step's address."""

    def __init__(self, answers: Mapping[str, Mapping[str, object]], acknowledged: list[str]) -> None:
        super().__init__()
        self.answers, self.acknowledged = answers, acknowledged

    def open(self, line: HTTPConnection) -> None:
        """Read the page before the first question, and begin."""
        self.get(line, SCREENING_PATH)
        self.path = self.post(line, SCREENING_PATH, {})
        self.get(line, self.path)

    def send(self, line: HTTPConnection) -> None:
        while self.path != CHECK_PATH:
            self.advance(line)
        self.get(line, self.post(line, CHECK_PATH, {"agreed": "on"}))
        self.acknowledged.append(self.reference())

    def advance(self, line: HTTPConnection) -> None:
        """Answer one step, and open the next."""
        self.path = self.post(line, self.path, self._answers())
        self.get(line, self.path)

    def _answers(self) -> Mapping[str, object]:
        if self.path not in self.answers:
            raise Refused(self.path or "A step came back with a fault.")
        return {name: self.email if value == EMAIL else value for name, value in self.answers[self.path].items()}


EMAIL = "in place of the visitor's own address"


def screening_answers() -> dict[str, dict[str, object]]:
    """An answer to every question of the packet, by the address of its step. It raises an alert."""
    from django.urls import reverse
    from django.utils import translation

    from intake.models import Draft, Packet
    from intake.screening import Screening

    packet = Packet.objects.current()
    assert packet
    with translation.override("en"):
        steps = Screening(Draft(language="en", questionnaire_ids=[form.pk for form in packet.forms()])).all_steps
        return {
            reverse("intake:step", args=[step.number]): {
                name: value for item in step.items for name, value in _typed(item)
            }
            | {"seen": " ".join(item.name for item in step.items)}
            for step in steps
        }


def _typed(item: "Item") -> Iterator[tuple[str, str]]:
    from intake.identity import code_of

    own = {"name": "Visitor", "email": EMAIL, "phone": "(718) 555-0123"}
    if item.options:
        yield item.name, "1"
    elif item.type == "date":
        yield from ((f"{item.name}-year", "1980"), (f"{item.name}-month", "2"), (f"{item.name}-day", "28"))
    elif item.type == "boolean":
        yield item.name, "true"
    elif item.type in ("integer", "decimal"):
        yield item.name, "1"
    elif item.type in ("string", "text"):
        yield item.name, own.get(code_of(item), "Mostly the mornings are hard.")
