from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from intake import fhir


class Command(BaseCommand):
    help = "Print as JSON what a QuestionnaireResponse amounts to: enabled items, errors, scores, alerts."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("questionnaire", type=Path)
        parser.add_argument("response", type=Path)

    def handle(self, *args: Any, questionnaire: Path, response: Path, **options: Any) -> None:
        try:
            form = fhir.parse(fhir.read_file(questionnaire), base=settings.FHIR_BASE_URL)
            sent = fhir.read_json(fhir.read_file(response))
        except fhir.DefinitionError as error:
            raise CommandError("\n".join(map(str, error.faults))) from None
        self.stdout.write(fhir.dumps(fhir.report(form, sent)))
