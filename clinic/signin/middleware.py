"""What only pages of staff come through: no other page has a session, an account or messages."""

from collections.abc import Callable
from functools import cache
from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from simple_history.middleware import HistoryRequestMiddleware

from clinic.signin import session


class ForStaff(MiddlewareMixin):
    """Lets every other request pass by: it stands before one of Django's own."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = super().__call__(request) if is_for_staff(request) else self.get_response(request)
        return cast(HttpResponseBase, response)  # the site has no asynchronous side


class StaffSession(ForStaff, SessionMiddleware):
    pass


class StaffAccount(ForStaff, AuthenticationMiddleware):
    pass


class StaffMessages(ForStaff, MessageMiddleware):
    pass


class StaffSessionEnd:
    """Ends a session of staff that nobody uses, or that has lasted a day's work."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_for_staff(request) and (reason := session.over_because(request)):
            logout(request)
            messages.info(request, reason)
            return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("admin:index"))
        return self.get_response(request)


class StaffHistory:
    """Lets a version of a page say who saved it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response, self.named = get_response, HistoryRequestMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = (self.named if is_for_staff(request) else self.get_response)(request)
        return response


def is_for_staff(request: HttpRequest) -> bool:
    return request.path_info.startswith(_staff_pages())


@cache
def _staff_pages() -> str:
    return reverse("admin:index")
