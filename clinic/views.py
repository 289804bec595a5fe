"""Pages of the project itself: what machines ask for, and what a visitor sees when something went wrong."""

import re
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from clinic import again, audit, waiting
from clinic.context import last_known_clinic
from clinic.methods import read_only
from clinic.models import AuditEvent, Heartbeat, Message, User

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
RETRY_SECONDS = 30
PLAIN = "text/plain; charset=utf-8"
ROW = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{1,19}")  # the ids that our rows have

# What is of no use to who does not come by way of the page before it.
HIDDEN = ("content:search", "intake:contact_sent", "intake:screening")
FIRST_PAGE = "intake:screening"  # the one address below it that is for everyone


@read_only
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers, and nothing of what it depends on."""
    return HttpResponse("ok\n", content_type=PLAIN)


@read_only
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve visitors. A late e-mail or backup does not make it unready."""
    state: dict[str, object] = {
        "database": False,
        "migrations": False,
        "oldest_undelivered_message_seconds": None,
        "last_backup_seconds": None,
    }
    try:
        connection.ensure_connection()
        state["database"] = True
        state["migrations"] = _is_migrated()
        if state["migrations"]:
            state["oldest_undelivered_message_seconds"] = Message.objects.waiting().oldest_seconds()
            state["last_backup_seconds"] = Heartbeat.seconds_since("backup")
    except (DatabaseError, InterfaceError):
        state["database"] = False
    ready = bool(state["database"] and state["migrations"])
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


@read_only
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", "Disallow: /admin/"]
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            lines += [f"Disallow: {reverse(name)}" for name in HIDDEN]
            lines += [f"Allow: {reverse(FIRST_PAGE)}$"]
    lines += [f"Sitemap: {settings.SITE_URL}{reverse('content:sitemap')}"]
    return HttpResponse(
        "".join(f"{line}\n" for line in lines),
        content_type=PLAIN,
        headers={"Cache-Control": "public, max-age=3600"},
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TOO_MUCH):
        return too_large(request)
    return refused(request, status=400)


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """What no page of ours makes a browser send. The status is for whoever wrote the program that did."""
    return render(request, "400.html", status=status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    _record_refusal(request)
    return render(request, "403.html", status=403)


def _record_refusal(request: HttpRequest) -> None:
    """Put on record which page staff were refused, and of which row; never what else was in the address. Saves."""
    user, match = getattr(request, "user", None), request.resolver_match
    if isinstance(user, User) and match:
        rows = [str(value) for value in match.kwargs.values() if ROW.fullmatch(str(value))]
        audit.record(AuditEvent.Action.REFUSED, by=user, record="".join(rows[:1]), detail=match.view_name)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    if waiting.is_away(sys.exception()):
        return unavailable(request)
    return _without_database(request, "500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the database is away. What was sent to a form stays on the page, and can be sent again from there."""
    connection.close_at = 0.0  # with the request: the next one may find the server that has taken over
    sent = again.fields_of(request)
    response = _without_database(
        request, "503.html", status=503, sent=sent, path=request.path, csrf_token=get_token(request) if sent else ""
    )
    response["Retry-After"] = RETRY_SECONDS
    return response


def _without_database(request: HttpRequest, template: str, *, status: int, **more: object) -> HttpResponse:
    """Render without the context processors, which would ask the database for the session and the user."""
    context = {
        **more,
        "clinic": last_known_clinic(),
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string(template, context), status=status)


_migrated = False


def _is_migrated() -> bool:
    """Say whether the database has this release's migrations; remembers a yes."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
