import logging
import secrets
from collections.abc import Callable, Hashable
from datetime import timedelta
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from clinic.again import sent_again
from clinic.allowances import NO_WAIT, render_or_pause
from clinic.crypto import UnreadableValue
from clinic.kept.blank import render_blank
from clinic.languages import ALL, alternates, versions
from clinic.methods import read_only
from clinic.retention import draft_days
from intake import cookie, notices, waits
from intake.forms import ConsentForm, ContactForm, ResumeForm, StepForm
from intake.live import live_rules
from intake.models import ConsentText, Draft, Packet, ResumeLink, Submission
from intake.screening import Screening, Step, Unfinished, under_age
from intake.summary import sections, sections_of, spoken_bands

P = ParamSpec("P")

log = logging.getLogger(__name__)

TOKEN, REFERENCE = secrets.token_hex(16), secrets.token_hex(16)  # in kept pages, in place of each visitor's own


def readable(view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Where the draft cannot be decrypted, say that it is lost and offer a new start."""

    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UnreadableValue as error:
            log.error("A draft could not be decrypted.", exc_info=error)
            return render(request, "intake/draft_lost.html", status=410)

    return update_wrapper(wrapped, view)


def with_draft(
    view: Callable[Concatenate[HttpRequest, Draft, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand the visitor's unsent draft to the view; without one, say so and offer a start."""

    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        draft = cookie.draft_of(request)
        if draft is None or draft.submission_id:
            return _nothing_here(request)
        draft.speak(_language())
        return view(request, draft, *args, **kwargs)

    return update_wrapper(wrapped, view)


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _nothing_here(request: HttpRequest, status: int = 404) -> HttpResponse:
    return render(request, "intake/nothing_here.html", status=status)


@sent_again
def screening(request: HttpRequest) -> HttpResponse:
    """Say what the screening is before the first question; a POST starts it."""
    packet = Packet.objects.current()
    wait = NO_WAIT
    if request.method == "POST" and packet:
        wait = waits.to_start(request)
    if request.method == "POST" and packet and not wait:
        draft = Draft.objects.start(packet, _language())
        response = redirect("intake:step", step=Screening(draft).steps[0].number)
        cookie.remember(response, draft.new_token())
        return response
    begun = cookie.draft_of(request)
    context = {
        "packet": packet,
        "begun": begun and not begun.submission_id,
        "days": draft_days(),
        "alternates": alternates(versions(ALL, "intake:screening")),
    }
    return render_or_pause(request, "intake/start.html", context, wait)


@sent_again
@readable
@with_draft
def step(request: HttpRequest, draft: Draft, step: int) -> HttpResponse:
    """Show a step, or save what was posted and go on to the next one that has a question.

    What comes too fast is saved as well, so that a risky answer brings help in the very next page.
    """
    walk = Screening(draft)
    here = walk.step(step)
    if here is None:
        raise Http404
    if request.method != "POST":
        return _step_page(request, walk, here)
    posted = {name: request.POST.getlist(name) for name in here.field_names if name in request.POST}
    if under_age(here, posted, timezone.localdate()):
        return _under_age(request, draft)
    draft.keep(here.number, here.questionnaire.pk, here.field_names, posted)
    walk = Screening(draft)
    wait = waits.for_step(request)
    if wait and walk.step(here.number):
        return _step_page(request, walk, here, wait=wait)
    return _after_saving(request, walk, here)


def _after_saving(request: HttpRequest, walk: Screening, here: Step) -> HttpResponse:
    """Where a saved step leads: back, away, to itself while something is missing or new, or on."""
    if "back" in request.POST:
        before = walk.before(here.number)
        return redirect("intake:step", step=before.number) if before else redirect("intake:screening")
    if "later" in request.POST:
        return redirect("intake:save")
    new = _not_yet_seen(request, walk, here)
    if new or walk.errors(here):
        return _step_page(request, walk, here, check=True, new=new)
    after = walk.after(here.number)
    if after is None or request.POST.get("return") == "check":
        return redirect("intake:check")
    return redirect("intake:step", step=after.number)


def _not_yet_seen(request: HttpRequest, walk: Screening, here: Step) -> list[str]:
    """The questions that the answers enabled and the page had not shown, by field name."""
    seen = request.POST.get("seen", "").split()
    return [item.name for item in walk.enabled_items(here) if item.name not in seen]


def _step_page(
    request: HttpRequest,
    walk: Screening,
    here: Step,
    *,
    check: bool = False,
    new: list[str] | None = None,
    wait: timedelta = NO_WAIT,
) -> HttpResponse:
    if request.method != "POST" and walk.is_blank(here):
        return render_blank(
            request, "intake/step.html", lambda: _step_context(request, walk, here), *_shape(walk, here)
        )
    form = StepForm(walk, here, check=check and not new)
    context = _step_context(request, walk, here) | {"form": form, "new": new}
    return render_or_pause(request, "intake/step.html", context, wait, status=422 if form.errors else 200)


def _shape(walk: Screening, here: Step) -> tuple[Hashable, ...]:
    """All that a step without answers depends on; nothing in it says what was answered elsewhere."""
    pk = here.questionnaire.pk
    asked = tuple(item.link_id for item in walk.enabled_items(here))
    rules = tuple(live_rules(here, walk.answers[pk]).items())
    numbers = tuple(step.number for step in walk.steps)
    return pk, walk.draft.language, here.number, numbers, asked, rules, walk.help_is_due


def _step_context(request: HttpRequest, walk: Screening, here: Step) -> dict[str, object]:
    numbers = [step.number for step in walk.steps]
    return {
        "form": StepForm(walk, here),
        "step": here,
        "title": here.form.title(walk.draft.language),
        "licence": here.form.copyright(walk.draft.language),
        "form_language": here.form.shown(walk.draft.language),
        "position": numbers.index(here.number) + 1,
        "count": len(numbers),
        "seen": " ".join(item.name for item in walk.enabled_items(here)),
        "returns": "check" if "check" in (request.GET.get("return"), request.POST.get("return")) else "",
        "help_is_due": walk.help_is_due,
    }


def _under_age(request: HttpRequest, draft: Draft) -> HttpResponse:
    """End the screening kindly; nothing of it stays."""
    draft.delete()
    response = render(request, "intake/under_age.html", {"languages": []})
    cookie.forget(response)
    return response


@sent_again
@readable
@with_draft
def save(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Send a link that opens the draft once, on any device."""
    form = ResumeForm(request.POST or None)
    left = ResumeLink.LIMIT_PER_DRAFT - draft.links.count()
    wait, to_address = NO_WAIT, False
    if request.method == "POST" and left > 0:
        wait, to_address = waits.for_link(request, form)
        if not wait and form.is_valid():
            url = settings.SITE_URL + reverse("intake:resume", args=[ResumeLink.make(draft)])
            notices.resume_link(draft, form.cleaned_data["email"], url)
            return render(request, "intake/saved.html", {"days": draft_days()})
    context = {
        "form": form,
        "left": left,
        "days": draft_days(),
        "help_is_due": Screening(draft).help_is_due,
        "to_address": to_address,
    }
    status = 422 if form.errors else 200
    return render_or_pause(request, "intake/save.html", context, wait, status=status)


@sent_again
@readable
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Open a saved draft. Only a POST uses the link up, so that a mail scanner which follows it does no harm."""
    link = ResumeLink.objects.with_token(token)
    if link is None or not link.opens:
        return render(request, "intake/link_expired.html", {"days": draft_days()}, status=410)
    if request.method != "POST":
        return render(request, "intake/resume.html")
    target = Screening(link.draft).not_reached  # first, so that a draft that cannot be read leaves its link unused
    draft_token = link.use()
    if draft_token is None:
        return render(request, "intake/link_expired.html", {"days": draft_days()}, status=410)
    response = redirect("intake:step", step=target.number) if target else redirect("intake:check")
    cookie.remember(response, draft_token)
    return response


@sent_again
@readable
def check(request: HttpRequest) -> HttpResponse:
    """Show every answer, and send them all once."""
    draft = cookie.draft_of(request)
    named = draft or ConsentForm.draft_of(request.POST)  # by the form's token, which opens and sends nothing
    if named and named.submission:
        return _already_sent(request, named.submission)
    if draft is None:
        return _nothing_here(request)
    draft.speak(_language())
    consent = ConsentText.current(Submission.Kind.SCREENING, draft.language)
    form = ConsentForm(request.POST if request.method == "POST" else None, draft=draft)
    walk = Screening(draft)
    wait = waits.to_send(request, walk, form) if request.method == "POST" else NO_WAIT
    if request.method == "POST" and form.is_valid() and not wait:
        try:
            Screening(draft).send(consent)
        except Unfinished:
            pass
        else:
            return redirect("intake:done")
    if walk.not_reached:
        return redirect("intake:step", step=walk.not_reached.number)
    context = {
        "form": form,
        "consent": consent,
        "sections": sections(walk),
        "unfinished": [(step.number, step.form.title(draft.language)) for step in walk.unfinished],
        "help_is_due": walk.help_is_due,
    }
    status = 422 if request.method == "POST" else 200
    return render_or_pause(request, "intake/check.html", context, wait, status=status)


def _already_sent(request: HttpRequest, submission: Submission) -> HttpResponse:
    """The same reference for the second click and the second tab, without the answers."""
    if request.COOKIES.get(cookie.NAME):
        return redirect("intake:done")
    return render(request, "intake/already_sent.html", {"submission": submission})


@read_only
def done(request: HttpRequest) -> HttpResponse:
    """Show the reference and a copy, once: the cookie goes with the answer, so that Back shows nothing.

    A browser that never got this answer still has the cookie, and can ask again.
    """
    draft = cookie.draft_of(request)
    if draft is None or draft.submission is None:
        return _nothing_here(request)
    submission = draft.submission
    try:
        copy = sections_of(submission, _language())
    except UnreadableValue:  # the reference counts more
        copy = []
    context = {
        "submission": submission,
        "sections": copy,
        "bands": spoken_bands(submission, _language()),
        "languages": [],  # it is shown once, and not once in each language
        "help_is_due": submission.risk == Submission.Risk.URGENT,
    }
    response = render(request, "intake/done.html", context)
    cookie.forget(response)
    return response


@sent_again
def contact(request: HttpRequest) -> HttpResponse:
    """Keep a valid message, then redirect so that a reload cannot send it twice."""
    consent = ConsentText.current(Submission.Kind.CONTACT, _language())
    if request.method != "POST":
        return _blank_contact(request, consent)
    form = ContactForm(request.POST, consent=consent)
    wait = waits.for_contact(request, form)
    if form.is_valid() and not wait:
        response = redirect("intake:contact_sent")
        cookie.keep_reference(response, form.save().reference)
        return response
    status = 422 if form.errors else 200
    return render_or_pause(request, "intake/contact.html", _contact_context(form), wait, status=status)


def _blank_contact(request: HttpRequest, consent: ConsentText) -> HttpResponse:
    return render_blank(
        request,
        "intake/contact.html",
        lambda: _contact_context(ContactForm(consent=consent, token=TOKEN)),
        own={TOKEN: ContactForm.new_token()},
    )


def _contact_context(form: ContactForm) -> dict[str, object]:
    return {"form": form, "alternates": alternates(versions(ALL, "intake:contact"))}


@read_only
def contact_sent(request: HttpRequest) -> HttpResponse:
    reference = cookie.reference_of(request)
    shown = REFERENCE if reference else ""
    return render_blank(
        request, "intake/contact_sent.html", lambda: {"reference": shown}, shown, own={REFERENCE: reference}
    )
