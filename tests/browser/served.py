"""What the browser asks of the live server: the site as `make run` serves it, and answers that were recorded before."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from django.http import HttpResponse

_numbers = count()
_recorded: dict[str, tuple[str, list[tuple[str, str]], bytes]] = {}  # status, headers and body by path


class Served:
    """Stands in for Django's own handler of static files, whose answers no browser may keep for the next page."""

    def __init__(self, site: Callable[..., Iterable[bytes]]) -> None:
        self.site = site

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        answer = _recorded.get(environ["PATH_INFO"])
        if answer is None:
            return self.site(environ, start_response)
        status, headers, body = answer
        start_response(status, headers)
        return [body]


def record(answer: HttpResponse) -> str:
    """The path at which the live server gives this answer from now on."""
    path = f"/recorded/{next(_numbers)}"
    _recorded[path] = f"{answer.status_code} {answer.reason_phrase}", list(answer.items()), answer.content
    return path
