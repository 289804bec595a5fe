from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.models import AuditEvent
from intake.export import export
from intake.models import Submission


class Command(BaseCommand):
    help = "Print one submission as a FHIR Bundle; the export is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference")
        parser.add_argument("--collection", action="store_true", help="a collection instead of a transaction")

    def handle(self, *args: Any, reference: str, collection: bool, **options: Any) -> None:
        submission = Submission.objects.filter(reference=reference.upper()).first()
        if submission is None:
            raise CommandError("There is no submission with this reference.")
        self.stdout.write(export(submission, "collection" if collection else "transaction"))
        submission.record(AuditEvent.Action.EXPORTED, by=None, detail="command line")
