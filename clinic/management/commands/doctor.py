import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from clinic import doctor


class Command(BaseCommand):
    help = "Look at the running installation and say in sentences what is wrong: exit 1, or 0 when nothing is."
    requires_system_checks = ()  # they are among what is looked at

    def add_arguments(self, parser: CommandParser) -> None:
        names = list(doctor.looks)
        parser.add_argument("--only", nargs="+", choices=names, metavar="LOOK", help=f"of these: {', '.join(names)}")

    def handle(self, *args: Any, only: list[str] | None, **options: Any) -> None:
        chosen = only or doctor.names()
        found = 0
        for fault in doctor.faults(chosen):
            found += 1
            self.stdout.write(fault)
        if settings.LOCAL and not only:
            left = [name for name in doctor.looks if name not in chosen]
            self.stdout.write(f"This is a trial, so that this is not looked at: {', '.join(left)}.")
        if found:
            sys.exit(1)
        self.stdout.write(f"Nothing is wrong. This was looked at: {', '.join(chosen)}.")
