"""How long a visitor has to wait before a form is taken. Each function but `of_step` counts one try, and saves.

None of these is called inside a transaction, so that a failure does not undo the count.
"""

from datetime import timedelta
from typing import NamedTuple

from django.http import HttpRequest

from clinic import allowances
from clinic.allowances import NO_WAIT, Allowance
from clinic.crypto import normal_email
from clinic.limits import Counted, take_in_turn
from clinic.networks import network_of
from intake.forms import ConsentForm, ContactForm, ResumeForm
from intake.screening import Screening


class Turn(NamedTuple):
    """What counting a try to send a form has told."""

    wait: timedelta
    is_repeated: bool  # another request of the last day had the same text: of that only a fingerprint is kept
    with_receipt: bool  # there is an address, and not too much went there already


def to_start(request: HttpRequest) -> timedelta:
    return allowances.SCREENING_STARTED.take(network_of(request))


def of_step(request: HttpRequest) -> list[Counted]:
    """What `Draft.keep` counts."""
    return _counted(request, allowances.STEP)


def to_send(request: HttpRequest, walk: Screening, form: ConsentForm) -> Turn:
    """Answers that raise an urgent alert never wait: staff must hear of them now."""
    accepted = form.is_valid() and not walk.unfinished
    allowed = _counted(request, allowances.SENDING_TRIED, allowances.SCREENING_SENT if accepted else None)
    email = walk.identity.get("email", "") if accepted else ""
    return _turn([] if walk.help_is_due else allowed, [], allowances.receipts_to(email))


def for_contact(request: HttpRequest, form: ContactForm) -> Turn:
    accepted = form.is_valid()
    allowed = _counted(request, allowances.CONTACT_TRIED, allowances.CONTACT if accepted else None)
    sameness, email = (form.sameness, form.cleaned_data["email"]) if accepted else ([], "")
    return _turn(allowed, sameness, allowances.receipts_to(email))


def for_link(request: HttpRequest, form: ResumeForm) -> tuple[timedelta, bool]:
    """Also whether it is for the sake of the address that the link would go to."""
    allowed = _counted(request, allowances.RESUME_TRIED, allowances.RESUME_LINK if form.is_valid() else None)
    wait = take_in_turn(*allowed)[-1].wait
    if wait or not form.is_valid():
        return wait, False
    return allowances.RESUME_LINK_TO.take(normal_email(form.cleaned_data["email"])), True


def _counted(request: HttpRequest, *allowed: Allowance | None) -> list[Counted]:
    return allowances.counted(network_of(request), *filter(None, allowed))


def _turn(limits: list[Counted], sameness: list[Counted], receipts: list[Counted]) -> Turn:
    """One statement counts all, and what is refused leaves out what comes after it."""
    tries = take_in_turn(*limits, *sameness, *receipts)
    refused = tries[-1].wait if tries else NO_WAIT
    passed = len(tries) - bool(refused)
    return Turn(
        wait=refused if passed < len(limits) else NO_WAIT,
        is_repeated=bool(sameness) and passed == len(limits) + len(sameness) - 1,
        with_receipt=bool(receipts) and passed == len(limits) + len(sameness) + len(receipts),
    )
