from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from intake.models import Packet, PacketItem, Questionnaire

FOLDER = Path(__file__).resolve().parents[2] / "questionnaires"

FIRST_PACKET = [
    "about-you",
    "phq-9",
    "gad-7",
    "alcohol-drugs",
    "treatment-history",
    "safety",
]  # adults only, so age first


class Command(BaseCommand):
    help = "Load the questionnaires that come with the portal, and the first packet if there is none."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        forms = [self._load(FOLDER / f"{name}.json") for name in FIRST_PACKET]
        if not Packet.objects.exists():
            packet = Packet.objects.create(name="Symptom screening", is_current=True)
            for position, form in enumerate(forms, start=1):
                PacketItem.objects.create(packet=packet, questionnaire=form, position=position)
        self.stdout.write(f"{len(forms)} questionnaires are loaded.")

    def _load(self, path: Path) -> Questionnaire:
        """A version that staff retired stays retired."""
        stored = Questionnaire.objects.store(path.read_bytes())
        if stored.activated_at is None:
            stored.activate()
        return stored
