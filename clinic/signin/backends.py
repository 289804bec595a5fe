from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from clinic.models import User


class StaffBackend(ModelBackend):
    """Only staff sign in. Django computes a hash of the password for an unknown address as well."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and getattr(user, "is_staff", False)
