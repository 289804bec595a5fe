import logging
import uuid
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.utils import translation

from clinic import audit, logs, views
from clinic.methods import offered_by

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
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class RequestMiddleware:
    """Names each request, decides whom to believe about its origin, and sets the headers that every answer has.

    It comes first. A database that is away becomes a page that says so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.proxies = [ip_network(network) for network in settings.TRUSTED_PROXIES]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        self._settle_origin(request)
        with logs.during_request(name), audit.during_request(request.META.get("REMOTE_ADDR")):
            response = self.get_response(request)
        response["X-Request-ID"] = name
        for header, value in HEADERS.items():
            response.setdefault(header, value)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, views.DATABASE_AWAY):
            return None
        log.error("The database did not answer.", exc_info=exception)
        return views.unavailable(request)

    def _settle_origin(self, request: HttpRequest) -> None:
        """Make REMOTE_ADDR the visitor's address, and drop what anybody but a trusted proxy says of it."""
        peer = _address(request.META.get("REMOTE_ADDR", ""))
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
            address = _address(hop.strip())
            if not self._is_trusted(address):
                return address
        return None

    def _is_trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self.proxies)


class GateMiddleware:
    """Refuses what no page of ours makes a browser send, before anything reads it.

    It comes after whatever sets the headers of every answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("PostgreSQL keeps no NUL, and no page of ours sends one.")
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return views.too_large(request)
        if "HTTP_TRANSFER_ENCODING" in request.META:  # a length that nobody knows, of which Django would read nothing
            return views.refused(request, status=411)
        if request.method == "POST" and _length(request):
            if not _is_form(request):
                return views.refused(request, status=415)
            if not _is_whole(request):
                raise BadRequest("The body is cut off.")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *given: object) -> HttpResponse | None:
        offered = offered_by(view)
        if request.method in offered:
            return None
        response = views.refused(request, status=405)
        response["Allow"] = ", ".join(offered)
        return response


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


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _length(request: HttpRequest) -> int:
    """How long the body says it is. Raises BadRequest."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("The length of the body is no number.")
    return int(length[:18])


def _is_form(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    return (
        request.content_type in FORM_TYPES
        and charset in ("utf-8", "utf8")
        and not request.headers.get("Content-Encoding")
    )


def _is_whole(request: HttpRequest) -> bool:
    """Whether the body came to its end: what a lost connection left of a text must not be taken for the text."""
    try:
        body = request.body
    except UnreadablePostError:
        return False
    boundary = (request.content_params or {}).get("boundary", "") if request.content_type == FORM_TYPES[1] else None
    ends = boundary is None or f"--{boundary}--".encode() in body
    return len(body) == _length(request) and ends
