from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.crypto import UnreadableValue
from clinic.models import AuditEvent
from intake.export import Reason, export, exportable
from intake.models import Erased


class Command(BaseCommand):
    help = "Print one submission as a FHIR Bundle; the export is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reference")
        parser.add_argument("--collection", action="store_true", help="a collection instead of a transaction")
        parser.add_argument("--reason", choices=Reason.values, default="", help="why it leaves; kept on record")

    def handle(self, *args: Any, reference: str, collection: bool, reason: str, **options: Any) -> None:
        submission = exportable().filter(reference=reference.upper()).first()
        if submission is None:
            raise CommandError("There is no submission with this reference.")
        kind = "collection" if collection else "transaction"
        try:
            document = export(submission, kind)
        except Erased as erased:
            raise CommandError(str(erased)) from None
        except UnreadableValue as error:
            raise CommandError(f"Nothing was exported. {error}") from None
        submission.record(AuditEvent.Action.EXPORTED, by=None, detail=f"FHIR {kind}, command line", reason=reason)
        self.stdout.write(document.decode())
