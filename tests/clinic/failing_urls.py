"""The project's own addresses, and some that fail in every way."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic import views


def broken(request: HttpRequest, rest: str) -> HttpResponse:
    raise ValueError(f"planted {request.POST.dict()} {request.GET.dict()}")


def suspicious(request: HttpRequest, rest: str) -> HttpResponse:
    raise SuspiciousOperation(f"planted {request.POST.dict()}")


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("planted")


def database_away(request: HttpRequest) -> HttpResponse:
    raise {"operational": OperationalError, "interface": InterfaceError}[request.GET["error"]]("planted")


def lost_connection(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("still there")


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


urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("robots.txt", views.robots),
    path("broken/<path:rest>", broken),
    path("suspicious/<path:rest>", suspicious),
    path("forbidden/", forbidden),
    path("database-away/", database_away),
    path("lost-connection/", lost_connection),
    path("echo/", echo),
    path("cached/", cached),
]

handler400 = "clinic.views.bad_request"
handler403 = "clinic.views.forbidden"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.server_error"
