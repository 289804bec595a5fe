"""Public pages, kept as the bytes that are sent: a reader then costs neither Django nor the database anything.

A page is kept as it was made, in each encoding. Once a second the database is asked whether anything has changed that
public pages are made of; if so, they are all made anew. While the database is away, what is kept goes on being served.
Nothing in here knows who asks, so nothing of a person can be kept.
"""

import math
import time
from collections.abc import Callable, Hashable, Iterable
from functools import cache, update_wrapper
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from clinic.kept.bodies import ENCODINGS, Headers, best, body

T = TypeVar("T")
Environ = dict[str, Any]  # of WSGI

STALE_SECONDS = 10.0  # without a look at the database for so long, nothing kept is served
MOST_VALUES = 1000
ONE_ANSWER_ONLY = {"content-length", "content-encoding", "etag"}

_parts: list[str] = []
addresses: list[Callable[[], Iterable[str]]] = []  # of pages that are worth being made before anybody asks


def made_of(*selects: str) -> None:
    """Tell of what pages are made: SQL that selects one text a row, another one when the row is another."""
    _parts.extend(selects)


def rows(table: str) -> str:
    """SQL for every row of a table, whatever changes in it."""
    return f"SELECT '{table}' || ctid::text || xmin::text FROM {table}"  # nosec B608 # names of our own tables


def kept_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An answer that is the same for everyone: compressed, with an ETag, and kept for the next reader."""

    def wrapped(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        response.plain = response.content  # type: ignore[attr-defined]  # what may be kept
        found = body(response.content, best(request.headers.get("Accept-Encoding", "")))
        response.content = found.content
        for name, value in found.headers:
            response[name] = value
        if found.is_known(request.headers.get("If-None-Match", "")):
            response.status_code, response.content = 304, b""
            del response["Content-Length"], response["Content-Type"]
        return response

    return update_wrapper(wrapped, view)


class Kept:
    """One page, ready to be sent."""

    def __init__(self, response: HttpResponseBase, plain: bytes) -> None:
        own = [(name, value) for name, value in response.items() if name.lower() not in ONE_ANSWER_ONLY]
        forms = [body(plain, encoding) for encoding in ENCODINGS]
        self._answers = {form.encoding: (own + form.headers, form) for form in forms}
        self._unchanged = [header for header in own if header[0] != "Content-Type"]

    def answer(self, environ: Environ) -> tuple[str, Headers, bytes]:
        headers, form = self._answers[best(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and form.is_known(known):
            return "304 Not Modified", [*self._unchanged, ("ETag", form.etag)], b""
        return "200 OK", headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else form.content


class Pages:
    """What this process keeps, for as long as the state lasts that it was made of."""

    def __init__(self) -> None:
        self.host = urlsplit(settings.SITE_URL).netloc  # pages asked for by another name are made each time
        self.is_https_only = settings.SECURE_SSL_REDIRECT
        self.forget()

    def forget(self) -> None:
        """Serve nothing that is kept until the database has been asked again."""
        self.state: object = None
        self._kept: dict[str, Kept] = {}
        self._values: dict[Hashable, Any] = {}
        self._checked_at = -math.inf  # time.monotonic()

    def check(self) -> bool:
        """Ask the database for the state, and drop what was made of another one; say whether it is another one."""
        state = _state()
        changed = state != self.state
        if changed:
            self.state, self._kept, self._values = state, {}, {}
        self._checked_at = time.monotonic()
        return changed

    def go_on(self) -> None:
        """The database does not answer: what is kept is the best there is."""
        if self.state is not None:
            self._checked_at = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._checked_at < STALE_SECONDS

    def find(self, environ: Environ) -> Kept | None:
        """The page, if it is kept and this request may have it. Every reader waits for this: it calls next to nothing.

        Anybody can say that they came by https; who lies gets a public page without the redirect.
        """
        page = self._kept.get(environ.get("PATH_INFO", ""))
        if (
            page
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and not environ.get("QUERY_STRING")
            and environ.get("HTTP_HOST") == self.host
            and (
                not self.is_https_only
                or environ.get("HTTP_X_FORWARDED_PROTO") == "https"
                or environ["wsgi.url_scheme"] == "https"
            )
            and self.is_fresh
        ):
            return page
        return None

    def keep(self, request: HttpRequest, response: HttpResponseBase, since: object) -> None:
        """Keep a page that was begun in the state `since`, if that is still the state."""
        plain = getattr(response, "plain", None)
        if plain and response.status_code == 200 and not request.GET and not response.cookies and since is not None:
            page = Kept(response, plain)
            if since is self.state:
                self._kept[request.path_info] = page

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gave in this state; made each time where nobody watches."""
        if not self.is_fresh:
            return make()
        values = self._values
        if key not in values:
            if len(values) >= MOST_VALUES:
                values.clear()
            values[key] = make()
        found: T = values[key]
        return found


def _state() -> object:
    with connection.cursor() as cursor:
        cursor.execute(_state_sql(), [settings.TIME_ZONE])
        digest, day = cursor.fetchone()
        return bytes(digest), day


@cache
def _state_sql() -> str:
    """The day counts too: a page says when its next review is due."""
    today = "(statement_timestamp() AT TIME ZONE %s)::date"
    parts = " UNION ALL ".join(_parts)
    digest = "sha256(convert_to(string_agg(part, ',' ORDER BY part), 'UTF8'))"
    return f"SELECT {digest}, {today} FROM ({parts}) AS parts (part)"  # nosec B608 # our own, see made_of


pages = Pages()
