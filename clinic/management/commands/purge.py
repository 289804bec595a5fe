from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import cut, periodic


class Command(BaseCommand):
    help = "Delete what is kept no longer: expired drafts, old e-mails, submissions that ended long ago."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say how many rows would go, and delete none",
        )
        parser.add_argument(
            "--audit",
            action="store_true",
            help="delete the oldest events of the audit record instead; as the owner of the tables",
        )

    def handle(self, *args: Any, dry_run: bool, audit: bool, verbosity: int, **options: Any) -> None:
        if audit:
            self._cut(dry_run)
            return
        for what, purge in sorted(periodic.purges.items()):
            count = purge.rows().count() if dry_run else purge.delete(purge.rows())
            if verbosity:
                self.stdout.write(f"{what}: {count} rows {'to delete' if dry_run else 'deleted'}")
        if verbosity and (left := cut.to_go()):
            self.stdout.write(f"audit record: {left} events to delete, by the owner of the tables: purge --audit")

    def _cut(self, dry_run: bool) -> None:
        if not dry_run and not cut.may_cut():
            raise CommandError(
                "The role of DATABASE_URL may not delete what is on record. Run this with the address of the owner of "
                "the tables."
            )
        count = cut.to_go() if dry_run else cut.cut()
        self.stdout.write(f"audit record: {count} events {'to delete' if dry_run else 'deleted'}")
