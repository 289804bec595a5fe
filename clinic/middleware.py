import logging
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from typing import cast

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from clinic import audit, logs, unnamed, views, waiting
from clinic.networks import Address, address_of, is_in, trusted_proxies

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",  # a view whose page may be kept says so itself
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
    "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
}
FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
)
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"


class RequestMiddleware:
    """Names each request, decides whom to believe about its origin, and sets the headers that every answer has.

    The name is in the log and in the answer, so that one leads to the other, but in none that a cache may hand on.
    It comes before all that makes an answer. A database that is away becomes a page that says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.proxies = trusted_proxies()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = request.request_id = secrets.token_hex(16)  # type: ignore[attr-defined]
        self._settle_origin(request)
        with logs.during_request(name), audit.during_request(request.META.get("REMOTE_ADDR")):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _watched(iter(response), name)
        for header, value in HEADERS.items():
            response.setdefault(header, value)
        if "public" not in response["Cache-Control"]:
            response["X-Request-ID"] = name
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not waiting.is_away(exception):
            return None
        log.error("The database did not answer.", exc_info=exception)
        return views.unavailable(request)

    def _settle_origin(self, request: HttpRequest) -> None:
        """Make REMOTE_ADDR the visitor's address, and drop what anybody but a trusted proxy says of it."""
        visitor = peer = address_of(request.META.get("REMOTE_ADDR", ""))
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if is_in(peer, self.proxies):
            visitor = self._visitor(hops)
            request.META["REMOTE_ADDR"] = str(visitor or peer)
        else:
            request.META.pop(FORWARDED_PROTO, None)
        for name in FORWARDED:
            request.META.pop(name, None)
        if hops:  # somebody is said to stand behind the visitor
            unnamed.remember(visitor)

    def _visitor(self, hops: list[str]) -> Address | None:
        """Take the last address that is not a trusted proxy off `hops`: what is left of them may be made up."""
        while hops:
            address = address_of(hops.pop())
            if not is_in(address, self.proxies):
                return address
        return None


class LanguageMiddleware:
    """The address alone says the language: Spanish below /es/, English everywhere else.

    It comes before whatever can fail, so that an error page speaks the visitor's language too. Django's own
    LocaleMiddleware would answer `Vary: Accept-Language`, which makes caches keep a copy for each browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = _language_below(request.path_info[1:].partition("/")[0])
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.setdefault("Content-Language", language)
        return response


@lru_cache(maxsize=256)
def _language_below(first: str) -> str:
    """That of addresses with this first part."""
    return translation.get_language_from_path(f"/{first}/") or settings.LANGUAGE_CODE


class PolicyMiddleware(CSPMiddleware):
    """The policy of the settings is put together once; only where a view changes it django-csp does so for its answer.

    No page of ours has a nonce.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = cast(HttpResponseBase, self.get_response(request))
        if settings.DEBUG or any(name.startswith("_csp_") for name in vars(response)):
            return self.process_response(request, response)
        response.setdefault(HEADER, self._of_the_settings)
        return response

    @cached_property
    def _of_the_settings(self) -> str:
        return build_policy()


class BrokeOff(Exception):
    """Ends a connection in the middle of an answer. What happened is in our own log, and not in the server's."""


def _watched(content: Iterable[bytes], request_id: str) -> Iterator[bytes]:
    try:
        yield from content
    except Exception as error:
        with logs.during_request(request_id):
            log.error("An answer broke off while it was sent.", exc_info=error)
    else:
        return
    raise BrokeOff
