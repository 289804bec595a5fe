"""Accounts of staff, and the links with which they choose a password. Patients have no accounts."""

import secrets
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from clinic import audit, crypto
from clinic.audit import AuditEvent


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.present().get(email=self.model.normalize_username(username or ""))

    def present(self) -> "models.QuerySet[User]":
        """Every account but the deleted ones, whose rows stay for the records that name them."""
        return self.filter(deleted_at=None)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.model(email=self.model.normalize_username(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


EMAIL_TAKEN = "Somebody has an account with this address already."


class User(AbstractUser):
    """A member of staff; patients have no accounts."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address")
    sign_outs = models.PositiveIntegerField("how often every session was ended", default=0, editable=False)
    deleted_at = models.DateTimeField("deleted", null=True, blank=True, editable=False)

    authenticator_set: Any  # second factors and recovery codes, of allauth

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(deleted_at=None),
                name="user_email_is_unique",
                violation_error_message=EMAIL_TAKEN,
            ),
            models.CheckConstraint(
                condition=models.Q(deleted_at=None) | models.Q(is_active=False), name="user_deleted_is_not_active"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return super().normalize_username(username).strip().lower()

    @property
    def has_second_factor(self) -> bool:
        """Recovery codes stand in for a factor that is lost; they are none themselves."""
        return bool(self.authenticator_set.exclude(type="recovery_codes").exists())

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session keeps and must still be true: the password, and that nothing ended the sessions since."""
        return f"{super()._get_session_auth_hash(secret)}.{self.sign_outs}"  # type: ignore[misc]

    def sign_out_everywhere(self) -> None:
        """End every session, and every sign-in that has not come to its second factor. Saves."""
        User.objects.filter(pk=self.pk).update(sign_outs=models.F("sign_outs") + 1)
        self.refresh_from_db(fields=["sign_outs"])

    @property
    def role_names(self) -> list[str]:
        return sorted(self.groups.values_list("name", flat=True))

    def roles_changed(self, before: list[str], *, by: "User") -> None:
        """Sign the person out, so that the new role holds at once. Saves."""
        self.sign_out_everywhere()
        old, new = (", ".join(names) or "none" for names in (before, self.role_names))
        self.record(AuditEvent.Action.ROLE, by=by, detail=f"{old} -> {new}")

    def activity_changed(self, *, by: "User") -> None:
        """Follow `is_active`, which was saved just now: sessions and links end. Saves."""
        self.sign_out_everywhere()
        Invitation.objects.filter(user=self).delete()
        self.record(AuditEvent.Action.ACCOUNT, by=by, detail="activated" if self.is_active else "deactivated")

    @transaction.atomic
    def reset_sign_in(self, *, by: "User") -> None:
        """Take away the password and every second factor: without one, the other could be anybody's. Saves."""
        self.set_unusable_password()
        self.save(update_fields=["password"])
        self.authenticator_set.all().delete()
        self.sign_out_everywhere()
        self.record(AuditEvent.Action.FACTOR, by=by, detail="all taken away, and the password")

    @transaction.atomic
    def delete_account(self, *, by: "User") -> None:
        """End the account for good; the row stays, so that every record keeps naming it. Saves."""
        self.is_active, self.deleted_at = False, timezone.now()
        self.set_unusable_password()
        self.save(update_fields=["is_active", "deleted_at", "password"])
        self.groups.clear()
        self.user_permissions.clear()
        self.authenticator_set.all().delete()
        Invitation.objects.filter(user=self).delete()
        self.sign_out_everywhere()
        self.record(AuditEvent.Action.ACCOUNT, by=by, detail="deleted")

    def record(self, action: AuditEvent.Action, *, by: "User | None", detail: str = "") -> None:
        """Write down what happened to this account. Saves."""
        audit.record(action, by=by, kind="user", record=self.pk, reference=str(self), detail=detail)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def issue(self, user: User, *, by: User | None) -> str:
        """Return the address of a new link for this person, which ends an older one. Saves."""
        token = secrets.token_urlsafe(32)
        fresh = {
            "token_hash": crypto.token_hash(token),
            "invited_by": by,
            "expires_at": timezone.now() + timedelta(days=Invitation.KEEP_DAYS),
        }
        self.update_or_create(user=user, defaults=fresh)
        user.record(AuditEvent.Action.INVITED, by=by, detail="link made")
        return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"

    def open(self, token: str) -> Self:
        """The invitation that this token still opens, if it does."""
        return self.filter(
            token_hash=crypto.token_hash(token), expires_at__gt=timezone.now(), user__is_active=True
        ).select_related("user")

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class Invitation(models.Model):
    """A link with which one person sets a password, once. Using it deletes the row."""

    KEEP_DAYS: ClassVar = 3

    user = models.OneToOneField(User, on_delete=models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    def use(self) -> bool:
        """Use the link up; False when another request was faster, or a newer link has replaced it. Saves."""
        return bool(Invitation.objects.filter(pk=self.pk, token_hash=self.token_hash).delete()[0])
