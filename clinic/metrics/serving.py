"""How long answers take, by view, and the address that tells it: to this machine alone.

For servers only: where several processes add up, importing this makes a file of the process.
"""

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from clinic.metrics import PATH, Installation
from clinic.middleware import FORWARDED, FORWARDED_PROTO
from clinic.networks import address_of

PASSED_ON = {*FORWARDED, FORWARDED_PROTO}

_process = CollectorRegistry()
answers = Histogram(
    "clinic_answer_seconds", "Time until an answer began, by the view's name", ["view", "status"], registry=_process
)
kept_pages = Counter("clinic_kept_pages", "Public pages that were sent as they were kept", registry=_process)


class MetricsMiddleware:
    """Measures every answer, and tells what it measured. To anybody from elsewhere the address is one that nothing has.

    It comes first: then the request still says who has really sent it, and names of hosts do not matter.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == PATH and request.method in ("GET", "HEAD") and _is_from_here(request):
            return _told()
        begin = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "none"
        answers.labels(view, f"{response.status_code // 100}xx").observe(time.perf_counter() - begin)
        return response


def _is_from_here(request: HttpRequest) -> bool:
    """A proxy on this machine has this address too, but it says of what scheme a request was: nothing works without."""
    peer = address_of(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and peer.is_loopback and PASSED_ON.isdisjoint(request.META)


def _told() -> HttpResponse:
    text = generate_latest(_of_all_processes()) + generate_latest(Installation())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _of_all_processes() -> CollectorRegistry:
    """What this process measured; where the library has a folder for it, what all of them did."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _process
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together
