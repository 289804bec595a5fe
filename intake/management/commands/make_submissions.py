from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from intake import samples
from intake.models import Submission


class Command(BaseCommand):
    help = "Store N invented submissions, marked as samples; in local mode only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int, metavar="N")
        parser.add_argument("--if-empty", action="store_true", help="only when there is no submission yet")

    def handle(self, *args: Any, count: int, if_empty: bool, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("Invented submissions are for local mode: start with LOCAL=1.")
        begin = Submission.objects.count()
        if if_empty and begin:
            count = 0
        for number in range(begin + 1, begin + count + 1):
            samples.make(number)
        self.stdout.write(f"{count} invented submissions were stored.")
