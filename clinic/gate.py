from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase

from clinic import views
from clinic.methods import offered_by

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


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


def _length(request: HttpRequest) -> int:
    """How long the body says it is. Raises BadRequest."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("The length of the body is no number.")
    return int(length[:18])


def _is_form(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    return (
        request.content_type in (URLENCODED, MULTIPART)
        and charset in ("utf-8", "utf8")
        and not request.META.get("HTTP_CONTENT_ENCODING")
    )


def _is_whole(request: HttpRequest) -> bool:
    """Whether the body came to its end: what a lost connection left of a text must not be taken for the text."""
    try:
        body = request.body
    except UnreadablePostError:
        return False
    boundary = (request.content_params or {}).get("boundary", "") if request.content_type == MULTIPART else None
    ends = boundary is None or f"--{boundary}--".encode() in body
    return len(body) == _length(request) and ends
