"""How long a visitor has to wait before a form is taken. Each function counts one try, and saves.

None is called inside a transaction, so that a failure does not undo the count.
"""

from datetime import timedelta

from django.http import HttpRequest

from clinic import allowances
from clinic.allowances import NO_WAIT
from clinic.crypto import normal_email
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
    network = network_of(request)
    wait = allowances.SENDING_TRIED.take(network)
    if wait or walk.unfinished or not form.is_valid():
        return wait
    return allowances.SCREENING_SENT.take(network)


def for_contact(request: HttpRequest, form: ContactForm) -> timedelta:
    network = network_of(request)
    wait = allowances.CONTACT_TRIED.take(network)
    if wait or not form.is_valid():
        return wait
    return allowances.CONTACT.take(network)


def for_link(request: HttpRequest, form: ResumeForm) -> tuple[timedelta, bool]:
    """Also whether it is for the sake of the address that the link would go to."""
    network = network_of(request)
    wait = allowances.RESUME_TRIED.take(network)
    if wait or not form.is_valid():
        return wait, False
    if wait := allowances.RESUME_LINK.take(network):
        return wait, False
    return allowances.RESUME_LINK_TO.take(normal_email(form.cleaned_data["email"])), True
