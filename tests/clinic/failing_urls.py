"""The project's own addresses, and some that fail in every way."""

import warnings
from threading import Thread

import psycopg2
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path

from clinic import urls as project


def broken(request: HttpRequest, rest: str) -> HttpResponse:
    raise ValueError(f"planted {request.POST.dict()} {request.GET.dict()}")


def broken_stream(request: HttpRequest) -> StreamingHttpResponse:
    def content():
        yield "the first words"
        raise ValueError(f"planted {request.POST.dict()}")

    return StreamingHttpResponse(content(), content_type="text/plain")


def broken_thread(request: HttpRequest) -> HttpResponse:
    def fail() -> None:
        raise ValueError(f"planted {request.POST.dict()}")

    thread = Thread(target=fail)
    thread.start()
    thread.join()
    warnings.warn(f"planted {request.POST.dict()}", UserWarning, stacklevel=1)
    return HttpResponse("whole")


def suspicious(request: HttpRequest, rest: str) -> HttpResponse:
    raise SuspiciousOperation(f"planted {request.POST.dict()}")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("planted")


def database_away(request: HttpRequest) -> HttpResponse:
    with connection.wrap_database_errors:
        raise {
            "operational": psycopg2.OperationalError,
            "interface": psycopg2.InterfaceError,
            "in the middle of an answer": psycopg2.DatabaseError,
        }[request.GET["error"]]("planted")


def lost_connection(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("still there")


def became_a_copy(request: HttpRequest) -> HttpResponse:
    """The server still answers, and takes nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("CREATE TABLE never (id integer)")
    return HttpResponse("written")


def echo(request: HttpRequest) -> HttpResponse:
    seen = {
        "address": request.META.get("REMOTE_ADDR"),
        "secure": request.is_secure(),
        "forwarded": sorted(name for name in request.META if "FORWARDED" in name),
        "posted": request.POST.dict(),
        "id": request.request_id,
    }
    return HttpResponse(repr(seen))


def cached(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page", headers={"Cache-Control": "public, max-age=60"})


failures = [
    path("broken/<path:rest>", broken),
    path("broken-stream/", broken_stream),
    path("broken-thread/", broken_thread),
    path("suspicious/<path:rest>", suspicious),
    path("forbidden/", forbidden),
    path("database-away/", database_away),
]

urlpatterns = [
    *failures,
    path("es/", include(failures)),
    path("lost-connection/", lost_connection),
    path("became-a-copy/", became_a_copy),
    path("echo/", echo),
    path("cached/", cached),
    *project.urlpatterns,
]

handler400 = project.handler400
handler403 = project.handler403
handler404 = project.handler404
handler500 = project.handler500
