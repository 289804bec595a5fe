from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from clinic.crypto import UnreadableValue
from clinic.models import AuditEvent, Invitation, User
from clinic.signin import session
from clinic.signin.forms import UNREADABLE, InvitationForm
from clinic.signin.guesses import remember_device

View = Callable[..., HttpResponse]


def both_factors_required(view: View) -> View:
    """Let nobody in who has not passed a second factor; who has none yet is led to setting one up."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if session.is_complete(request) else redirect("mfa_index")

    return guarded


def readable_codes_required(view: View) -> View:
    """Say in words that recovery codes cannot be decrypted."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except UnreadableValue:
            messages.error(request, UNREADABLE)
            return redirect("mfa_index")

    return guarded


def sign_in(request: HttpRequest) -> HttpResponse:
    """The admin sends everybody here whom it lets see nothing."""
    if request.user.is_authenticated and not session.is_complete(request):
        return redirect("mfa_index")
    response: HttpResponse = account.login(request)
    return response


@login_required
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Whoever changes how they sign in shows both factors once more, and goes on in a new session."""
    if request.method != "POST":
        return render(request, "signin/confirm.html")
    logout(request)
    return redirect_to_login(request.GET.get("next") or reverse("mfa_index"))  # the sign-in follows our own only


def end_sessions(request: HttpRequest) -> HttpResponse:
    """End one of this person's sessions elsewhere, or all of them. Coming back from a new sign-in is a GET."""
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST" and "which" in request.POST:
        _end_one(request, user, request.POST["which"])
    elif request.method == "POST":
        user.sign_out_everywhere()
        update_session_auth_hash(request, user)
        user.record(AuditEvent.Action.SIGNED_OUT, by=user, detail="every other session, by its owner")
        messages.success(request, "You are signed out everywhere else.")
    return redirect("mfa_index")


def _end_one(request: HttpRequest, user: User, name: str) -> None:
    for other in session.others(request, user):
        if other.name == name:
            other.row.delete()
            user.record(AuditEvent.Action.SIGNED_OUT, by=user, detail="another session, by its owner")
            messages.success(request, "You are signed out there.")


@both_factors_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Who has no password yet gets one by a link, and by no other way."""
    if isinstance(request.user, User) and not request.user.has_usable_password():
        return redirect("mfa_index")
    response: HttpResponse = account.password_change(request)
    return response


@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, because mail scanners follow links; the form uses it up."""
    found = Invitation.objects.open(token).first()
    if found is None:
        return render(request, "signin/invitation_over.html", status=410)
    form = InvitationForm(found, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _accept(request, form)
    return render(request, "signin/invitation.html", {"form": form, "days": Invitation.KEEP_DAYS})


def _accept(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    user = form.use()
    if user is None:
        return render(request, "signin/invitation_over.html", status=410)
    logout(request)  # whoever used this browser before
    session.note_password(request, user)
    response: HttpResponse = perform_login(request, user)
    remember_device(request, response, user.email)  # a link is asked for when somebody else used up the tries
    return response
