"""The kept pages in front of Django, and the thread that keeps them up to date."""

import logging
import threading
import time
from collections.abc import Iterable
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clinic import waiting
from clinic.kept import Environ, addresses, pages
from clinic.metrics.serving import kept_pages

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
ANSWER_SECONDS = 3.0  # in which a database that works answers what the watch asks


class Application:
    """Django, and before it the pages that are kept."""

    def __init__(self) -> None:
        self.django = _Django()
        self._numbers, self._told = count(1), 0  # of the kept pages that were sent; the last number that was told

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        page = pages.find(environ)
        if page is None:
            return self.django(environ, start_response)
        next(self._numbers)
        status, headers, content = page.answer(environ)
        start_response(status, headers.copy())  # which is the server's to change
        return [content]

    def tell(self) -> None:
        """Add to the figures what was sent since the last time: a lock a page costs as much as to find the page.

        For one thread alone. It takes a number itself.
        """
        before, self._told = self._told, next(self._numbers)
        kept_pages.inc(self._told - before - 1)


class _Django(WSGIHandler):
    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        since = pages.state
        response = super().get_response(request)
        pages.keep(request, response, since)
        return response


class Watch(threading.Thread):
    """Looks once a second for changes, and makes the pages before anybody asks. Tells what was sent."""

    def __init__(self, application: Application) -> None:
        super().__init__(name="kept pages", daemon=True)
        self.application = application

    def run(self) -> None:
        while True:
            self.look()
            self.application.tell()
            time.sleep(CHECK_SECONDS)

    def look(self) -> None:
        try:
            with waiting.as_a_test(ANSWER_SECONDS):
                if pages.check():
                    self._make_all()
        except Exception as error:
            if waiting.is_away(error):
                pages.go_on()
            else:  # every reader then gets a page made for them
                log.error("The public pages could not be watched.", exc_info=error)
                pages.forget()
            connection.close()

    def _make_all(self) -> None:
        for path in [path for known in addresses for path in known()]:
            b"".join(self.application(_environ(path), _unheard))


def _unheard(*said: Any) -> Any:
    """Where the answer's head goes."""


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
