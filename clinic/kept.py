"""Public pages, kept as the bytes that are sent: a reader then costs neither Django nor the database anything.

A page is kept as it was made, in each encoding. Once a second `Watch` asks the database whether anything has changed
that public pages are made of; if so, they are all made anew. While the database is away, what is kept goes on being
served. Nothing in here knows who asks, so nothing of a person can be kept.
"""

import gzip
import hashlib
import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache, partial, update_wrapper
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import urlsplit

import brotli
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

log = logging.getLogger(__name__)

T = TypeVar("T")
Environ = dict[str, Any]  # of WSGI
Headers = list[tuple[str, str]]

CHECK_SECONDS = 1.0
STALE_SECONDS = 10.0  # without an answer from the watch, nothing kept is served
ONE_ANSWER_ONLY = {"x-request-id", "content-length", "content-encoding", "etag"}


@dataclass(frozen=True, slots=True)
class Body:
    """A page in one encoding: its bytes and their ETag."""

    encoding: str
    content: bytes
    etag: str

    def is_known(self, if_none_match: str) -> bool:
        return self.etag in if_none_match or if_none_match == "*"

    @property
    def headers(self) -> Headers:
        """What is said of it beside the page's own headers."""
        encoded = [("Content-Encoding", self.encoding)] if self.encoding else []
        return [*encoded, ("ETag", self.etag), ("Content-Length", str(len(self.content)))]


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {  # the best one first
    "br": partial(brotli.compress, quality=9),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
    "": bytes,
}


def body(content: bytes, encoding: str) -> Body:
    digest = hashlib.sha256(content).hexdigest()[:20]
    return Body(encoding, ENCODINGS[encoding](content), f'"{digest}-{encoding}"')


@lru_cache(maxsize=256)
def best(accepted: str) -> str:
    """The best encoding that an Accept-Encoding header allows."""
    offers = [part.partition(";q=") for part in accepted.lower().replace(" ", "").split(",")]
    allowed = {name for name, _, weight in offers if not weight or weight.strip("0.")}
    return next(name for name in ENCODINGS if name in allowed or not name)


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

    def __init__(self, response: HttpResponse, plain: bytes) -> None:
        own = [(name, value) for name, value in response.items() if name.lower() not in ONE_ANSWER_ONLY]
        forms = [body(plain, encoding) for encoding in ENCODINGS]
        self._answers = {form.encoding: (own + form.headers, form) for form in forms}
        self._unchanged = [header for header in own if header[0] != "Content-Type"]

    def answer(self, environ: Environ) -> tuple[str, Headers, bytes]:
        headers, form = self._answers[best(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        if form.is_known(environ.get("HTTP_IF_NONE_MATCH", "")):
            return "304 Not Modified", [*self._unchanged, ("ETag", form.etag)], b""
        return "200 OK", headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else form.content


class Pages:
    """What is kept, for as long as the state that it was made of lasts."""

    def __init__(self) -> None:
        self.host = urlsplit(settings.SITE_URL).netloc  # pages asked for by another name are made each time
        self.forget()

    def forget(self) -> None:
        """Serve nothing that is kept until the database has been asked again."""
        self.state: object = None
        self._kept: dict[str, Kept] = {}
        self._values: dict[Callable[[], object], object] = {}
        self._checked_at = -math.inf  # time.monotonic()

    def find(self, environ: Environ) -> Kept | None:
        page = self._kept.get(environ.get("PATH_INFO", ""))
        return page if page and self.is_fresh and self._may_answer(environ) else None

    def _may_answer(self, environ: Environ) -> bool:
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and not environ.get("QUERY_STRING")
            and environ.get("HTTP_HOST") == self.host
            and (not settings.SECURE_SSL_REDIRECT or _is_secure(environ))
        )

    def keep(self, request: HttpRequest, response: HttpResponse, since: object) -> None:
        """Keep a page that was begun in the state `since`, if that is still the state."""
        plain = getattr(response, "plain", None)
        if plain and response.status_code == 200 and not request.GET and not response.cookies and since is not None:
            page = Kept(response, plain)
            if since is self.state:
                self._kept[request.path_info] = page

    def remember(self, make: Callable[[], T]) -> T:
        """The value as it was made in this state; made each time where nobody watches."""
        if not self.is_fresh:
            return make()
        values = self._values
        if make not in values:
            values[make] = make()
        return values[make]  # type: ignore[return-value]

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self._checked_at < STALE_SECONDS

    def check(self) -> bool:
        """Ask the database for the state, and forget what was made of another one; say whether it is another one."""
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


def _is_secure(environ: Environ) -> bool:
    """Anybody can say so; who lies gets a public page without the redirect to https."""
    return "https" in (environ.get("wsgi.url_scheme"), environ.get("HTTP_X_FORWARDED_PROTO"))


pages = Pages()
_sources: list[str] = []
_addresses: list[Callable[[], Iterable[str]]] = []


def made_of(*selects: str, addresses: Callable[[], Iterable[str]] | None = None) -> None:
    """Tell of what public pages are made: SQL that selects one text a row, other when the row is; and of the pages."""
    _sources.extend(selects)
    _addresses.extend([addresses] if addresses else [])


def rows(table: str) -> str:
    """SQL for every row of a table, whatever changes in it."""
    return f"SELECT '{table}' || ctid::text || xmin::text FROM {table}"


def _state() -> object:
    with connection.cursor() as cursor:
        cursor.execute(_state_sql(), [settings.TIME_ZONE])
        return cursor.fetchone()


@cache
def _state_sql() -> str:
    union = " UNION ALL ".join(_sources)
    return (
        f"SELECT md5(string_agg(part, ',' ORDER BY part)), (statement_timestamp() AT TIME ZONE %s)::date FROM ({union}) AS parts (part)"
    )


class Application(WSGIHandler):
    """Django, and before it the pages that are kept."""

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        page = pages.find(environ)
        if page is None:
            return super().__call__(environ, start_response)
        status, headers, content = page.answer(environ)
        start_response(status, [*headers, ("X-Request-ID", uuid.uuid4().hex)])
        return [content]

    def get_response(self, request: HttpRequest) -> HttpResponse:
        since = pages.state
        response = super().get_response(request)
        pages.keep(request, response, since)
        return response


class Watch(threading.Thread):
    """Keeps the pages of this process up to date, and makes them before anybody asks."""

    def __init__(self, application: Application) -> None:
        super().__init__(name="kept pages", daemon=True)
        self.application = application

    def run(self) -> None:
        while True:
            self.look()
            time.sleep(CHECK_SECONDS)

    def look(self) -> None:
        try:
            if pages.check():
                self._make_all()
        except (OperationalError, InterfaceError):
            pages.go_on()
            connection.close()
        except Exception as error:  # the pages are then made for each reader
            log.error("The public pages could not be watched.", exc_info=error)
            pages.forget()
            connection.close()

    def _make_all(self) -> None:
        for addresses in _addresses:
            for path in addresses():
                b"".join(self.application(_environ(path), lambda *said: None))


def _environ(path: str) -> Environ:
    """A reader's request for the page at `path`."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": pages.host,
        "SERVER_NAME": pages.host.partition(":")[0],
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": urlsplit(settings.SITE_URL).scheme,
        "wsgi.input": BytesIO(),
    }
