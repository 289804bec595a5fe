from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from intake.models import Draft


class Command(BaseCommand):
    help = "Delete what is kept no longer: drafts that nobody has touched for their whole time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        drafts = Draft.objects.expired()
        count = drafts.count()
        if not dry_run:
            drafts.delete()
        self.stdout.write(f"{count} drafts {'would be' if dry_run else 'were'} deleted.")
