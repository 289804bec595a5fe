from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content import start


class Command(BaseCommand):
    help = "Load the pages and sources that come with the portal. What staff edited is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = start.load()
        except start.StartTextError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(str(report))
