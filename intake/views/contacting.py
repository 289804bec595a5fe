"""A request to be contacted."""

import secrets

from django.http import HttpRequest, HttpResponse

from clinic.again import sent_again
from clinic.allowances import render_or_pause
from clinic.kept.blank import render_blank
from clinic.languages import ALL, alternates, redirect_to, versions
from clinic.methods import read_only
from intake import cookie, waits
from intake.forms import ContactForm
from intake.models import ConsentText, Submission
from intake.views.drafts import language

TOKEN, REFERENCE = secrets.token_hex(16), secrets.token_hex(16)  # in kept pages, in place of each visitor's own


@sent_again
def contact(request: HttpRequest) -> HttpResponse:
    """Keep a valid message, then redirect so that a reload cannot send it twice."""
    consent = ConsentText.current(Submission.Kind.CONTACT, language())
    if request.method != "POST":
        return _blank_contact(request, consent)
    form = _switched(request, consent) if "language" in request.POST else ContactForm(request.POST, consent=consent)
    turn = waits.for_contact(request, form)
    if form.is_valid() and not turn.wait:
        response = redirect_to("intake:contact_sent")
        submission = form.save(is_repeated=turn.is_repeated, with_receipt=turn.with_receipt)
        cookie.keep_reference(response, submission.reference)
        return response
    status = 422 if form.errors else 200
    return render_or_pause(request, "intake/contact.html", _contact_context(form), turn.wait, status=status)


def _blank_contact(request: HttpRequest, consent: ConsentText) -> HttpResponse:
    return render_blank(
        request,
        "intake/contact.html",
        lambda: _contact_context(ContactForm(consent=consent, initial={"token": TOKEN})),
        own={TOKEN: ContactForm.new_token()},
    )


def _switched(request: HttpRequest, consent: ConsentText) -> ContactForm:
    """What was typed in another language, not checked yet. Nobody has agreed to the text of this one."""
    typed = {name: value for name, value in request.POST.items() if name != "agreed"}
    return ContactForm(consent=consent, initial=typed)


def _contact_context(form: ContactForm) -> dict[str, object]:
    return {
        "form": form,
        "switched_form": form.helper.form_id,
        "alternates": alternates(versions(ALL, "intake:contact")),
    }


@read_only
def contact_sent(request: HttpRequest) -> HttpResponse:
    reference = cookie.reference_of(request)
    shown = REFERENCE if reference else ""
    return render_blank(
        request, "intake/contact_sent.html", lambda: {"reference": shown}, shown, own={REFERENCE: reference}
    )
