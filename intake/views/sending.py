"""The end of a screening: every answer to check, then the reference."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from clinic.again import sent_again
from clinic.allowances import render_or_pause
from clinic.crypto import UnreadableValue
from clinic.kept.blank import render_blank
from clinic.languages import redirect_to
from clinic.methods import read_only
from intake import cookie, waits
from intake.forms import ConsentForm
from intake.models import ConsentText, Response, Submission
from intake.models.written import Written
from intake.screening import Screening, Unfinished
from intake.summary import sections, sections_of, spoken_bands
from intake.views.drafts import language, nothing_here, readable

TOKEN, REFERENCE, ANSWERS = (secrets.token_hex(16) for _ in range(3))  # in kept pages, in place of each visitor's own
SENT = Written(lambda pk: Submission.objects.filter(pk=pk).only("reference", "risk"))


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
    walk, token = Screening(draft), ConsentForm.token_of(draft)
    if request.method != "POST":
        return _to_check(request, walk, consent, token)
    form = ConsentForm(request.POST, token=token)
    turn = waits.to_send(request, walk, form)
    if form.is_valid() and not turn.wait:
        try:
            walk.send(consent, with_receipt=turn.with_receipt)
        except Unfinished:
            pass
        else:
            return redirect_to("intake:done")
    if walk.not_reached:
        return redirect_to("intake:step", walk.not_reached.number)
    context = _check_context(walk, consent, form, _answers(walk))
    return render_or_pause(request, "intake/check.html", context, turn.wait, status=422)


def _to_check(request: HttpRequest, walk: Screening, consent: ConsentText, token: str) -> HttpResponse:
    if walk.not_reached:
        return redirect_to("intake:step", walk.not_reached.number)
    unfinished = tuple(step.number for step in walk.unfinished)
    return render_blank(
        request,
        "intake/check.html",
        lambda: _check_context(walk, consent, ConsentForm(token=TOKEN), ANSWERS),
        consent.pk,
        tuple(walk.draft.questionnaire_ids),
        unfinished,
        walk.help_is_due,
        own={TOKEN: token, ANSWERS: _answers(walk)},
    )


def _check_context(walk: Screening, consent: ConsentText, form: ConsentForm, answers: str) -> dict[str, object]:
    return {
        "form": form,
        "consent": consent,
        "answers": answers,
        "unfinished": [(step.number, step.form.title(walk.draft.language)) for step in walk.unfinished],
        "help_is_due": walk.help_is_due,
    }


def _answers(walk: Screening) -> SafeString:
    return render_to_string("intake/answers.html", {"sections": sections(walk)})


def _already_sent(request: HttpRequest, submission: Submission) -> HttpResponse:
    """The same reference for the second click and the second tab, without the answers."""
    if request.COOKIES.get(cookie.NAME):
        return redirect_to("intake:done")
    return render(request, "intake/already_sent.html", {"submission": submission})


@read_only
def done(request: HttpRequest) -> HttpResponse:
    """Show the reference and a copy, once: the cookie goes with the answer, so that Back shows nothing.

    A browser that never got this answer still has the cookie, and can ask again.
    """
    draft = cookie.draft_of(request)
    submission = SENT.first(draft.submission_id) if draft and draft.submission_id else None
    if submission is None:
        return nothing_here(request)
    responses = Response.objects.of(submission)
    try:
        sent = [(response.questionnaire.compiled, response.evaluation) for response in responses]
    except UnreadableValue:  # the reference counts more
        sent = []
    help_is_due = submission.risk == Submission.Risk.URGENT
    context = {
        "reference": REFERENCE,
        "copy": ANSWERS,
        "languages": [],  # it is shown once, and not once in each language
        "help_is_due": help_is_due,
    }
    told = {"sections": sections_of(sent, language()), "bands": spoken_bands(sent, language())}
    own = {REFERENCE: submission.reference, ANSWERS: render_to_string("intake/copy.html", told)}
    response = render_blank(request, "intake/done.html", lambda: context, help_is_due, own=own)
    cookie.forget(response)
    return response
