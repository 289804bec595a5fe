"""The hostile requests of tests/hostile, through the proxy, and what became of the honest ones."""

import json
from pathlib import Path

from django.urls import reverse

from intake import cookie
from intake.models import Submission
from tests.hostile.honest import kept
from tests.hostile.judge import HEADERS, Judge
from tests.hostile.requests import Pairs, Target, hostile
from tests.hostile.targets import addresses, targets
from tests.hostile.values import MARK
from tests.scan import wire
from tests.scan.client import Browser, DistantVisitor, Line, Page

SCREENINGS = 8  # in the hands of the attacker: each is over when one of its forms happens to be right
CONTACT = {"name": "Marta Quill", "contact_method": "email", "email": "marta@example.org", "agreed": "on"}


def attack(line: Line, seed: int, count: int) -> Judge:
    """Send everything; the judge knows what was wrong."""
    judge = Judge(line.own, line.send, HEADERS | {"Strict-Transport-Security": "max-age=31536000"})
    honest, sent = finished(line), _sent(line)
    before = kept(honest, sent)
    found = _targets(line)
    for number in range(count):
        judge.ask(hostile(seed, number, found))
    judge.faults += [f"on the wire: {fault}" for fault in wire.faults(line)]
    if kept(honest, sent) != before:
        judge.faults.append("what an honest visitor had is no longer the same")
    judge.faults += good_input_faults(line, honest)
    return judge


def finished(line: Line) -> DistantVisitor:
    visitor = DistantVisitor(Browser(line))
    visitor.finish()
    return visitor


def _sent(line: Line) -> Submission:
    visitor = finished(line)
    visitor.send()
    return Submission.objects.get(draft=visitor.draft)


def _targets(line: Line) -> list[Target]:
    other = finished(line)
    token = dict(other.client.form(reverse("intake:check")).fields)["token"]
    others = (*_cookies(other), ("token", token))
    found = targets(line.send, addresses(), others=others)
    for _ in range(SCREENINGS):
        visitor = finished(line)
        steps = [reverse("intake:step", args=[step.number]) for step in visitor.walk.all_steps]
        forms = [*steps, reverse("intake:save"), reverse("intake:check")]
        found += targets(line.send, forms, _cookies(visitor), others)
    return found


def _cookies(visitor: DistantVisitor) -> Pairs:
    return ((cookie.NAME, visitor.client.cookies[cookie.NAME].value),)


def good_input_faults(line: Line, honest: DistantVisitor) -> list[str]:
    """A screening and a contact request are taken as on any other day."""
    before = Submission.objects.count()
    sent: list[Page] = [honest.send(), Browser(line).post(reverse("intake:contact"), CONTACT)]
    done = honest.client.get(reverse("intake:done"))
    taken = [page.status_code for page in sent] == [302, 302] and done.status_code == 200
    return [] if taken and Submission.objects.count() == before + 2 else ["good input was not taken"]


def log_faults(folder: Path) -> list[str]:
    """What the site and the proxy wrote must not hold anything that was sent."""
    found = []
    for log in sorted(folder.glob("*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [f"{log.name} holds what was sent" for line in lines if MARK in line.lower()]
        found += [f"{log.name} holds a traceback" for line in lines if line.startswith("Traceback")]
        parsed = [json.loads(line) for line in lines if line.startswith("{")]
        found += [f"{log.name}: {line['exception']}" for line in parsed if line.get("status", 0) >= 500]
    return sorted(set(found))
