import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from intake import fhir


class Command(BaseCommand):
    help = "Check a FHIR Questionnaire: one line when it is fine, else one line a fault and exit status 1."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            form = fhir.parse(fhir.read_file(file), base=settings.FHIR_BASE_URL)
            if faults := fhir.check_structure(form.resource):
                raise fhir.DefinitionError(faults)
        except fhir.DefinitionError as error:
            self.stdout.write("\n".join(map(str, error.faults)))
            sys.exit(1)
        self.stdout.write(
            f"{form.canonical} is fine: {len(form.order)} items; languages: {', '.join(form.languages)}; "
            f"warnings: {' / '.join(form.warnings) or 'none'}"
        )
