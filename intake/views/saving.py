"""Leaving a screening and coming back to it, on any device."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.again import sent_again
from clinic.allowances import NO_WAIT, render_or_pause
from clinic.languages import redirect_to
from clinic.retention import draft_days
from intake import cookie, notices, waits
from intake.forms import ResumeForm
from intake.models import Draft, ResumeLink
from intake.screening import Screening
from intake.views.drafts import readable, with_draft


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
    response = redirect_to("intake:step", target.number) if target else redirect_to("intake:check")
    cookie.remember(response, draft_token)
    return response
