"""What every view of a screening does first: find the visitor's draft, or say that there is none."""

import logging
from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from clinic.crypto import UnreadableValue
from intake import cookie
from intake.models import Draft

P = ParamSpec("P")

log = logging.getLogger(__name__)


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
            return nothing_here(request)
        draft.speak(language())
        return view(request, draft, *args, **kwargs)

    return update_wrapper(wrapped, view)


def language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def nothing_here(request: HttpRequest, status: int = 404) -> HttpResponse:
    return render(request, "intake/nothing_here.html", status=status)
