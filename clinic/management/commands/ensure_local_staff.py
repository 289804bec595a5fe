import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.models import User

EMAIL = "staff@localhost.example"


class Command(BaseCommand):
    help = "Make the staff account of a local trial, with a generated password in a file that only its owner reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password-file", type=Path, required=True)

    def handle(self, *args: Any, password_file: Path, **options: Any) -> None:
        """Print the account's e-mail address and nothing secret. A kept password stays as it is."""
        if not settings.LOCAL:
            raise CommandError("This makes an account for trials: it works in local mode only (LOCAL=1).")
        password = _kept(password_file) or _new(password_file)
        staff = User.objects.filter(email=EMAIL).first() or User(email=EMAIL, is_staff=True, is_superuser=True)
        if not staff.check_password(password):
            staff.set_password(password)
            staff.save()
        self.stdout.write(EMAIL)


def _kept(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _new(path: Path) -> str:
    """Write a new password into a file that nobody else can read, from its first moment on."""
    password = secrets.token_urlsafe(18)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")
    return password
