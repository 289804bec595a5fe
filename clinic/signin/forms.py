"""allauth's forms, in our words and with our limits."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.crypto import UnreadableValue
from clinic.limits import Limit
from clinic.models import AuditEvent, Invitation, User
from clinic.signin.guesses import Guesses

CODE_SPENT = Limit("code", tries=1, window=timedelta(minutes=5))  # longer than a code of an app is valid
UNREADABLE = (
    "The portal cannot read your second factor, because it was encrypted with a key that is not in FIELD_KEYS. "
    "Use a passkey, or ask a manager to reset your sign-in."
)
BROWSER_FAILED = "The browser could not use the passkey. Try again, or use another way to sign in."


LABELS = {
    "login": "E-mail address",
    "password": "Password",
    "oldpassword": "Password until now",
    "password1": "New password",
    "password2": "New password, again",
    "new_password1": "Password",
    "new_password2": "Password, again",
    "code": "Code",
    "name": "Name of this passkey",
}
PASSWORD_HELP = (
    f"{settings.PASSWORD_MIN_LENGTH} characters or more: a few words that only you would put together. Spaces count."
)
HELP = {
    "password1": PASSWORD_HELP,
    "new_password1": PASSWORD_HELP,
    "name": "So that you can tell it from another, for example “Laptop”.",
}


def named(autocomplete: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": autocomplete})


class Plain:
    """Labels say what a field is; a placeholder would only repeat it."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            field.help_text = HELP.get(name, "")
            field.error_messages["required"] = "Fill this in."
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}
            if name == "credential":
                field.error_messages |= dict.fromkeys(("required", "invalid"), BROWSER_FAILED)


class SignInForm(Plain, account.LoginForm):
    pass


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        with counted(self.user, "password"):
            return str(super().clean_oldpassword())


@contextmanager
def counted(user: User, what: str) -> Iterator[None]:
    """Count a try at a secret of this account, unless the block ends well. Raises ValidationError after too many."""
    guesses = Guesses(context.request, user.email, what)
    guesses.take()
    try:
        yield
    except ValidationError:
        guesses.record_failure()
        raise
    guesses.give_back()


class OnceForm(Plain):
    """A code of an app is limited in tries, and good for one use: also in another process, also when just set up."""

    user: User

    def clean_code(self) -> str:
        with counted(self.user, "code"):
            try:
                code = str(super().clean_code())  # type: ignore[misc]
            except UnreadableValue:
                raise ValidationError(UNREADABLE) from None
            if CODE_SPENT.take(f"{self.user.pk} {normalize_user_code(code)}").wait:
                raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(OnceForm, base.AuthenticateForm):
    pass


class AddAppForm(OnceForm, ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Between the page and its answer the secret waits in the session: encrypted there, too."""
        session = context.request.session
        if SECRET_SESSION_KEY in session:
            try:
                session[SECRET_SESSION_KEY] = decrypt(session[SECRET_SESSION_KEY])
            except UnreadableValue:
                del session[SECRET_SESSION_KEY]  # another is made, and the app is set up with that
        super().__init__(*args, **kwargs)
        session[SECRET_SESSION_KEY] = encrypt(self.secret)


@contextmanager
def read_credential() -> Iterator[None]:
    """What a browser made up instead of a credential fails in many ways, deep in the parser."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error):
        raise ValidationError(BROWSER_FAILED) from None


class PasskeyForm(Plain, webauthn.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        with read_credential():
            return super().clean_credential()


class AddPasskeyForm(Plain, webauthn.AddWebAuthnForm):
    def clean(self) -> dict[str, Any]:
        with read_credential():
            return dict(super().clean())


class InvitationForm(Plain, SetPasswordForm):  # type: ignore[type-arg]
    """What somebody who was invited says of themself; the link is used up with it."""

    first_name = forms.CharField(label="First name", max_length=150, widget=named("given-name"))
    last_name = forms.CharField(label="Last name", max_length=150, widget=named("family-name"))

    field_order = ("first_name", "last_name", "new_password1", "new_password2")

    def __init__(self, invitation: Invitation, *args: Any, **kwargs: Any) -> None:
        user = invitation.user
        kwargs["initial"] = {"first_name": user.first_name, "last_name": user.last_name}
        super().__init__(user, *args, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        """Compare the password with the name that was typed beside it."""
        self.user.first_name = self.cleaned_data.get("first_name", "")
        self.user.last_name = self.cleaned_data.get("last_name", "")
        return super().clean() or {}

    @transaction.atomic
    def use(self) -> User | None:
        """Use the link and keep the name and the password; None when the link was used meanwhile. Saves."""
        if not self.invitation.use():
            return None
        user: User = self.save()
        user.record(AuditEvent.Action.PASSWORD, by=user, detail="by a link")
        return user
