"""Forms that nobody has filled in yet: rendered once, then given each visitor's own tokens.

Such a page is the same for everyone but for its secrets. It is rendered with a mark in the place of each, and every
answer gets its own in there.
"""

import secrets
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import get_language

from clinic.kept import pages

CSRF = secrets.token_hex(16)


def render_blank(
    request: HttpRequest,
    template: str,
    context: Callable[[], Mapping[str, Any]],
    *key: Hashable,
    own: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page that `context` gives in this language; `key` tells it from others of the template.

    `own` has this visitor's values by the marks that the page holds for them.
    """

    def make() -> bytes:
        return render_to_string(template, {**context(), "csrf_token": CSRF}, request).encode()

    plain = not request.META.get("QUERY_STRING")  # a page that says its address may say anything
    html = pages.remember((template, get_language(), request.path, *key), make) if plain else make()
    marks = dict(own or {})
    if CSRF.encode() in html:  # a page without a form sets no cookie
        marks[CSRF] = get_token(request)
    for mark, value in marks.items():
        html = html.replace(mark.encode(), value.encode())
    return HttpResponse(html)
