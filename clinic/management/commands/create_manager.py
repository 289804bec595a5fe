from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from clinic.models import Invitation, User
from clinic.roles import MANAGER


class Command(BaseCommand):
    help = (
        "Make somebody a manager and print a link with which they set a password, once. For the first manager, and for "
        "one who cannot get in any more; everybody else is invited at the review desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *args: Any, email: str, **options: Any) -> None:
        email = User.normalize_username(email)
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError("This is not an e-mail address.") from None
        user = User.objects.present().filter(email=email).first() or User.objects.create_user(email)
        user.is_staff = user.is_active = True
        user.save(update_fields=["is_staff", "is_active"])
        user.groups.add(Group.objects.get(name=MANAGER))
        self.stdout.write(Invitation.objects.issue(user, by=None))
