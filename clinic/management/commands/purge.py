from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clinic import periodic


class Command(BaseCommand):
    help = "Delete what is kept no longer: expired drafts, old e-mails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say how many rows would go, and delete none",
        )

    def handle(self, *args: Any, dry_run: bool, verbosity: int, **options: Any) -> None:
        for what, rows in sorted(periodic.purges.items()):
            count = rows().count() if dry_run else rows().delete()[0]
            if verbosity:
                self.stdout.write(f"{what}: {count} rows {'to delete' if dry_run else 'deleted'}")
