from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake import fhir
from intake.models import Questionnaire


class Command(BaseCommand):
    help = "Check a FHIR Questionnaire and store it; with --activate new screenings may use it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--activate", action="store_true")

    def handle(self, *args: Any, file: Path, activate: bool, **options: Any) -> None:
        try:
            stored = Questionnaire.objects.store(fhir.read_file(file))
            if activate:
                stored.activate()
        except fhir.DefinitionError as error:
            raise CommandError("\n".join(str(fault) for fault in error.faults)) from None
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{stored.url}|{stored.version} is stored, status {stored.status}.")
