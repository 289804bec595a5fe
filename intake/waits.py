"""How long a visitor has to wait before a form is taken. Each function counts one try, and saves.

None is called inside a transaction, so that a failure does not undo the count.
"""

from datetime import timedelta

from django.http import HttpRequest

from clinic import allowances
from clinic.allowances import NO_WAIT, Allowance
from clinic.crypto import normal_email
from clinic.limits import take_in_turn
from clinic.networks import network_of
from intake.forms import ConsentForm, ContactForm, ResumeForm
from intake.screening import Screening


def to_start(request: HttpRequest) -> timedelta:
    return allowances.SCREENING_STARTED.take(network_of(request))


def for_step(request: HttpRequest) -> timedelta:
    return allowances.STEP.take(network_of(request))


def to_send(request: HttpRequest, walk: Screening, form: ConsentForm) -> timedelta:
    """Answers that raise an urgent alert never wait: staff must hear of them now."""
    if walk.help_is_due:
        return NO_WAIT
    accepted = form.is_valid() and not walk.unfinished
    return _take(request, allowances.SENDING_TRIED, allowances.SCREENING_SENT if accepted else None)


def for_contact(request: HttpRequest, form: ContactForm) -> tuple[timedelta, bool]:
    """Also whether another request of the last day had the same text: of that only a fingerprint is kept.

    One statement counts all, and what is refused leaves out what comes after it.
    """
    accepted = form.is_valid()
    allowed = [allowances.CONTACT_TRIED, allowances.CONTACT] if accepted else [allowances.CONTACT_TRIED]
    limits = allowances.counted(network_of(request), *allowed)
    sameness = form.sameness if accepted else []
    tries = take_in_turn(*limits, *sameness)
    repeated = bool(sameness) and len(tries) == len(limits) + len(sameness) and bool(tries[-1].wait)
    return NO_WAIT if len(tries) > len(limits) else tries[-1].wait, repeated


def _take(request: HttpRequest, *counted: Allowance | None) -> timedelta:
    return allowances.take(network_of(request), *filter(None, counted))


def for_link(request: HttpRequest, form: ResumeForm) -> tuple[timedelta, bool]:
    """Also whether it is for the sake of the address that the link would go to."""
    wait = _take(request, allowances.RESUME_TRIED, allowances.RESUME_LINK if form.is_valid() else None)
    if wait or not form.is_valid():
        return wait, False
    return allowances.RESUME_LINK_TO.take(normal_email(form.cleaned_data["email"])), True
