"""How much one network may send through the public forms, and how often one e-mail address is written to.

docs/decisions.md says why so much. Reading and crisis help are never limited.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.crypto import normal_email
from clinic.limits import Counted, Limit, take_in_turn

NO_WAIT = timedelta()


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits of one thing in several windows, the shortest first: a burst, and what a day may bring."""

    limits: tuple[Limit, ...]

    def take(self, who: str) -> timedelta:
        """Count one try and return how long to wait: no time while it is allowed. Saves, like `Limit.take`.

        What one window refuses does not use up those after it.
        """
        return take_in_turn(*counted(who, self))[-1].wait


def counted(who: str, *allowances: Allowance) -> list[Counted]:
    """What counts one try at all of them, for `take_in_turn`."""
    return [(limit, who) for allowance in allowances for limit in allowance.limits]


def receipts_to(email: str) -> list[Counted]:
    """What is counted before a receipt goes to this address; nothing where there is none."""
    return counted(normal_email(email), RECEIPT_TO) if email else []


def allowance(what: str, *windows: tuple[int, timedelta]) -> Allowance:
    return Allowance(tuple(Limit(f"{what} in {window}", tries, window) for tries, window in windows))


BURST, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)

# For each network: what was accepted,
CONTACT = allowance("contact request", (30, HOUR), (100, DAY))
SCREENING_STARTED = allowance("screening started", (60, HOUR), (300, DAY))
SCREENING_SENT = allowance("screening sent", (60, HOUR), (300, DAY))
RESUME_LINK = allowance("resume link", (20, HOUR), (60, DAY))
STEP = allowance("step saved", (600, BURST))
SEARCH = allowance("search", (300, BURST))
# and every press of a form's button, with mistakes or not.
CONTACT_TRIED = allowance("contact form", (300, BURST))
SENDING_TRIED = allowance("consent form", (300, BURST))
RESUME_TRIED = allowance("resume form", (300, BURST))

# For each e-mail address: what visitors can have sent there.
RESUME_LINK_TO = allowance("resume link to", (5, HOUR), (10, DAY))
RECEIPT_TO = allowance("receipt to", (5, HOUR), (10, DAY))


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a visitor has to wait, for a page to say."""

    length: timedelta

    @property
    def seconds(self) -> int:
        return math.ceil(self.length.total_seconds())

    @property
    def minutes(self) -> int:
        return math.ceil(self.seconds / 60)

    @property
    def hours(self) -> int:
        """Whole hours, or 0 where minutes say it better."""
        return math.ceil(self.minutes / 60) if self.minutes > 90 else 0


def render_or_pause(
    request: HttpRequest, template: str, context: Mapping[str, object], wait: timedelta, *, status: int = 200
) -> HttpResponse:
    """The page; with a `wait` it is a 429 that still shows what was typed, and `pause` says when to try again."""
    if not wait:
        return render(request, template, context, status=status)
    pause = Pause(wait)
    response = render(request, template, {**context, "pause": pause}, status=429)
    response["Retry-After"] = str(pause.seconds)
    return response
