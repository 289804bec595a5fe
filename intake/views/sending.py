"""The end of a screening: every answer to check, then the reference."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.again import sent_again
from clinic.allowances import NO_WAIT, render_or_pause
from clinic.crypto import UnreadableValue
from clinic.methods import read_only
from intake import cookie, waits
from intake.forms import ConsentForm
from intake.models import ConsentText, Submission
from intake.screening import Screening, Unfinished
from intake.summary import sections, sections_of, spoken_bands
from intake.views.drafts import language, nothing_here, readable


@sent_again
@readable
def check(request: HttpRequest) -> HttpResponse:
    """Show every answer, and send them all once."""
    draft = cookie.draft_of(request)
    named = draft or ConsentForm.draft_of(request.POST)  # by the form's token, which opens and sends nothing
    if named and named.submission:
        return _already_sent(request, named.submission)
    if draft is None:
        return nothing_here(request)
    draft.speak(language())
    consent = ConsentText.current(Submission.Kind.SCREENING, draft.language)
    form = ConsentForm(request.POST if request.method == "POST" else None, draft=draft)
    walk = Screening(draft)
    wait = waits.to_send(request, walk, form) if request.method == "POST" else NO_WAIT
    if request.method == "POST" and form.is_valid() and not wait:
        try:
            walk.send(consent)
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
        return nothing_here(request)
    submission = draft.submission
    try:
        copy = sections_of(submission, language())
    except UnreadableValue:  # the reference counts more
        copy = []
    context = {
        "submission": submission,
        "sections": copy,
        "bands": spoken_bands(submission, language()),
        "languages": [],  # it is shown once, and not once in each language
        "help_is_due": submission.risk == Submission.Risk.URGENT,
    }
    response = render(request, "intake/done.html", context)
    cookie.forget(response)
    return response
