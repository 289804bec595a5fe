import logging
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from clinic import audit, logs, views, waiting
from clinic.networks import address_of
from clinic.request_ids import new_request_id

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

    It comes before all that makes an answer. A database that is away becomes a page that says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.proxies = [ip_network(network) for network in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = request.request_id = new_request_id()  # type: ignore[attr-defined]
        self._settle_origin(request)
        with logs.during_request(name), audit.during_request(request.META.get("REMOTE_ADDR")):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _watched(iter(response), name)
        response["X-Request-ID"] = name
        for header, value in HEADERS.items():
            response.setdefault(header, value)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not waiting.is_away(exception):
            return None
        log.error("The database did not answer.", exc_info=exception)
        return views.unavailable(request)

    def _settle_origin(self, request: HttpRequest) -> None:
        """Make REMOTE_ADDR the visitor's address, and drop what anybody but a trusted proxy says of it."""
        peer = address_of(request.META.get("REMOTE_ADDR", ""))
        if self._is_trusted(peer):
            hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            request.META["REMOTE_ADDR"] = str(self._visitor(hops) or peer)
        else:
            request.META.pop(FORWARDED_PROTO, None)
        for name in FORWARDED:
            request.META.pop(name, None)

    def _visitor(self, hops: list[str]) -> IPv4Address | IPv6Address | None:
        """Return the last address that is not a trusted proxy: everything before it may be made up."""
        for hop in reversed(hops):
            address = address_of(hop.strip())
            if not self._is_trusted(address):
                return address
        return None

    def _is_trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self.proxies)


class LanguageMiddleware:
    """The address alone says the language: Spanish below /es/, English everywhere else.

    It comes before whatever can fail, so that an error page speaks the visitor's language too. Django's own
    LocaleMiddleware would answer `Vary: Accept-Language`, which makes caches keep a copy for each browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.setdefault("Content-Language", language)
        return response


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
