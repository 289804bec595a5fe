"""What is measured: requests of staff and of visitors, each to a site over a database of one size."""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from benchmarks.speed.servers import HOST, Web
from benchmarks.speed.subjects import PAUSE
from benchmarks.speed.visitors import ContactToTheEnd, Screened

LIST = "/admin/intake/submission/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
STATUSES = ("new", "in-review", "contacted", "scheduled", "declined", "closed", "suspect", "erased")
FILTERS = (
    "alert=unresolved",
    "alert=resolved",
    "who=me",
    "who=nobody",
    "due=now",
    "ending=asked",
    "ending=held",
    "risk__exact=0",
    "risk__exact=1",
    "risk__exact=2",
    "phq9=severe",
    "phq9=minimal",
    "phq9=incomplete",
    "kind__exact=contact",
    "language=en",
    "language=es",
    "is_suspect__exact=1",
    "is_sample__exact=0",
    "is_sample__exact=1",
)
PAGES = {
    "start page": "/admin/",
    "list": LIST,
    "list, page 2": f"{LIST}?p=2",
    "list, all": f"{LIST}?show=all",
    "list, all, page 2": f"{LIST}?show=all&p=2",
    "list, all, the last page that the first one names": f"{LIST}?show=all&p=11",
    "list, all, page 20": f"{LIST}?show=all&p=20",
    "list, all, newest first": f"{LIST}?show=all&o=-9",
    "list, all, oldest first": f"{LIST}?show=all&o=9",
    "list, all, least risk first": f"{LIST}?show=all&o=1",
    **{f"list, {status}": f"{LIST}?show={status}" for status in STATUSES},
    **{f"list, {one}": f"{LIST}?{one}" for one in FILTERS},
    **{f"list, all, {one}": f"{LIST}?show=all&{one}" for one in FILTERS},
    "list, closed, who=me": f"{LIST}?show=closed&who=me",
    "list, closed, newest first": f"{LIST}?show=closed&o=-9",
    "e-mails": "/admin/clinic/message/",
    "e-mails in trouble": "/admin/clinic/message/?trouble=now",
    "audit record": "/admin/clinic/auditevent/",
    "audit record, exports": "/admin/clinic/auditevent/?action__exact=exported",
}


class Failed(Exception):
    """An answer was not the one that was asked for."""


class Desk:
    """A member of staff at the desk of one site, whose `told` is what filled.tell says."""

    def __init__(self, web: Web, told: dict[str, Any]) -> None:
        self.line = HTTPConnection("127.0.0.1", web.port, timeout=60)
        self.cookies = {"__Host-session": told["session"]}
        self.found = itertools.cycle(told["found"])
        self.token = ""

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[float, int, str]:
        """Milliseconds, status and page; with `fields` it is a POST."""
        headers = {
            "Host": HOST,
            "Origin": f"https://{HOST}",
            "X-Forwarded-Proto": "https",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode(fields) if fields else None
        begin = time.perf_counter()
        self.line.request("POST" if fields else "GET", path, body, headers)
        answer = self.line.getresponse()
        page = answer.read().decode()
        spent = (time.perf_counter() - begin) * 1000
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return spent, answer.status, page

    def look(self, path: str) -> float:
        spent, status, _ = self.ask(path)
        if status != 200:
            raise Failed(f"{path}: {status}")
        return spent

    def search(self, what: str) -> float:
        """For somebody's reference, e-mail address or phone number: the answer leads to what was found."""
        if not self.token:
            shown = TOKEN.search(self.ask(LIST)[2])
            self.token = shown[1] if shown else ""
        spent, status, _ = self.ask(LIST, {"text": next(self.found)[what], "csrfmiddlewaretoken": self.token})
        if status != 302:
            raise Failed(f"search by {what}: {status}")
        return spent

    def one(self) -> float:
        return self.look(f"{LIST}{next(self.found)['pk']}/change/")


Act = Callable[[int], list[float]]  # so many times: milliseconds of each


def acts(web: Web, told: dict[str, Any], answers: dict[str, dict[str, object]]) -> dict[str, Act]:
    desk = Desk(web, told)

    def again(act: Callable[[], float]) -> Act:
        def times(number: int) -> list[float]:
            desk.line.close()  # the server has given up one that was idle; the next request opens it anew
            desk.look("/healthz")
            return [act() for _ in range(number)]

        return times

    return {
        "contact request: form, sent, reference": lambda times: list(_visits(web, lambda: ContactToTheEnd([]), times)),
        "whole screening: every step, check, sent": lambda times: list(
            _visits(web, lambda: Screened(answers, []), max(1, times // 2))
        ),
        **{f"search by {what}": again(lambda what=what: desk.search(what)) for what in ("reference", "email", "phone")},
        "one submission": again(desk.one),
        **{name: again(lambda path=path: desk.look(path)) for name, path in PAGES.items()},
    }


def _visits(web: Web, make: Callable[[], ContactToTheEnd | Screened], times: int) -> Iterator[float]:
    """One after the other; all have opened their form PAUSE seconds before the first one sends it."""
    line, visits = HTTPConnection("127.0.0.1", web.port, timeout=60), [make() for _ in range(times)]
    opened = [_timed(lambda visit=visit: visit.open(line)) for visit in visits]
    time.sleep(PAUSE)
    for visit, before in zip(visits, opened, strict=True):
        yield before + _timed(lambda visit=visit: visit.send(line))
    line.close()


def _timed(act: Callable[[], None]) -> float:
    begin = time.perf_counter()
    act()
    return (time.perf_counter() - begin) * 1000
