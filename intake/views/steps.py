"""The questions: where they begin, and one page after the other."""

from collections.abc import Hashable
from datetime import timedelta
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.again import sent_again
from clinic.allowances import NO_WAIT, render_or_pause
from clinic.kept.blank import render_blank
from clinic.languages import ALL, alternates, redirect_to, versions
from clinic.retention import draft_days
from intake import cookie, waits
from intake.forms import StepForm
from intake.live import decided_before
from intake.models import Draft, Packet
from intake.models.draft import new_token
from intake.screening import Screening, Step, under_age
from intake.views.drafts import language, readable, with_draft


@sent_again
def screening(request: HttpRequest) -> HttpResponse:
    """Say what the screening is before the first question; a POST starts it."""
    packet = Packet.objects.current()
    wait = waits.to_start(request) if request.method == "POST" and packet else NO_WAIT
    if request.method == "POST" and packet and not wait:
        return _started(packet)
    draft = cookie.draft_of(request)
    begun = draft is not None and draft.submission_id is None
    if wait:
        return render_or_pause(request, "intake/start.html", _start_context(packet, begun=begun), wait)
    context = partial(_start_context, packet, begun=begun)
    return render_blank(request, "intake/start.html", context, packet is not None, begun)


def _start_context(packet: Packet | None, *, begun: bool) -> dict[str, object]:
    return {
        "packet": packet,
        "begun": begun,
        "days": draft_days(),
        "alternates": alternates(versions(ALL, "intake:screening")),
    }


def _started(packet: Packet) -> HttpResponse:
    token = new_token()
    draft = Draft.objects.start(packet, language(), token)
    response = redirect_to("intake:step", Screening(draft).steps[0].number)
    cookie.remember(response, token)
    return response


@sent_again
@readable
@with_draft
def step(request: HttpRequest, draft: Draft, step: int) -> HttpResponse:
    """Show a step, or save what was posted and go on to the next one that has a question.

    What comes too fast is saved as well, so that a risky answer brings help in the very next page.
    """
    walk = Screening(draft)
    here = walk.step(step) if request.method != "POST" else walk.any_step(step)
    if here is None:
        raise Http404
    if request.method != "POST":
        return _step_page(request, walk, here)
    posted = {name: request.POST.getlist(name) for name in here.field_names if name in request.POST}
    if under_age(here, posted, timezone.localdate()):
        return _under_age(request, draft)
    counted = waits.of_step(request)
    wait = draft.keep(here.number, here.questionnaire.pk, here.field_names, posted, counted=counted)
    walk = Screening(draft)
    if wait and walk.step(here.number):
        return _step_page(request, walk, here, wait=wait)
    return _after_saving(request, walk, here)


def _after_saving(request: HttpRequest, walk: Screening, here: Step) -> HttpResponse:
    """Where a saved step leads: to another language, back, away, to itself while something is missing or new, or on."""
    if "language" in request.POST:  # the address has changed it already
        query = "?return=check" if request.POST.get("return") == "check" else ""
        return redirect_to("intake:step", here.number, query=query)
    if "back" in request.POST:
        before = walk.before(here.number)
        return redirect_to("intake:step", before.number) if before else redirect_to("intake:screening")
    if "later" in request.POST:
        return redirect_to("intake:save")
    new = _not_yet_seen(request, walk, here)
    if new or walk.errors(here):
        return _step_page(request, walk, here, check=True, new=new)
    after = walk.after(here.number)
    if after is None or request.POST.get("return") == "check":
        return redirect_to("intake:check")
    return redirect_to("intake:step", after.number)


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
    form = here.questionnaire
    numbers = tuple(step.number for step in walk.steps)
    return form.pk, walk.draft.language, here.number, numbers, _asked(walk, here), walk.help_is_due


def _asked(walk: Screening, here: Step) -> tuple[Hashable, ...]:
    """What answers on earlier pages of the form have made of the step; nothing where there are none yet."""
    if walk.is_untouched(here.questionnaire):
        return ()
    asked = tuple(item.link_id for item in walk.enabled_items(here))
    return asked, decided_before(here, walk.answers(here.questionnaire))


def _step_context(request: HttpRequest, walk: Screening, here: Step) -> dict[str, object]:
    numbers = [step.number for step in walk.steps]
    return {
        "form": StepForm(walk, here),
        "switched_form": "step-form",
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
