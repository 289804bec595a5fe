from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from clinic.signin import session


class StaffSessionMiddleware:
    """Ends a session of staff that nobody uses, or that has lasted a day's work. Other pages have no session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(reverse("admin:index")) and (reason := session.over_because(request)):
            logout(request)
            messages.info(request, reason)
            return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("admin:index"))
        return self.get_response(request)
