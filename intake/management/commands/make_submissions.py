import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic import seals
from clinic.models import User
from clinic.progress import Progress
from intake import bulk, samples
from intake.models import Submission

FEW = 100  # so many take the way of real ones, each for itself


class Command(BaseCommand):
    help = "Store N invented submissions, marked as samples; in local mode only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=int, metavar="N")
        parser.add_argument("--if-empty", action="store_true", help="only when there is no submission yet")

    def handle(self, *args: Any, count: int, if_empty: bool, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("Invented submissions are for local mode: start with LOCAL=1.")
        if if_empty and Submission.objects.exists():
            count = 0
        if count > FEW:
            self._fill(count)
        else:
            begin = Submission.objects.count()
            for number in range(begin + 1, begin + count + 1):
                samples.make(number)
        self.stdout.write(f"{count:,} invented submissions were stored.")

    def _fill(self, count: int) -> None:
        staff = list(User.objects.filter(is_active=True, is_staff=True).order_by("pk")[: bulk.STAFF])
        if not staff:
            raise CommandError("So many submissions need somebody who works them: make a staff account first.")
        progress, begin = Progress(count, sys.stderr, "submissions", rate=True), time.monotonic()
        bulk.fill(count, staff, progress)
        progress.end()
        sealed = seals.seal()
        seconds = time.monotonic() - begin
        sys.stderr.write(f"{seconds:,.0f} s, {count / seconds:,.0f} a second; {sealed:,} events were sealed.\n")
