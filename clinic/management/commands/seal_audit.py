from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic import audit, seals
from clinic.models import AuditEvent, Seal


class Command(BaseCommand):
    help = (
        "After the keys of FIELD_KEYS were lost: go on sealing the audit record from a newest seal that none of these "
        "keys made, on your word. Compare it before with the digest that you kept: verify_audit --seal."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        newest = Seal.newest()
        if newest is None or newest.is_ours:
            raise CommandError("The newest seal was made with a key of FIELD_KEYS: there is nothing to do.")
        if others := [fault for fault in seals.faults() if fault != seals.NOT_OURS]:
            raise CommandError("\n".join(others))
        with transaction.atomic():
            audit.record(AuditEvent.Action.CHANGED, by=None, kind="keys", detail=seals.ON_TRUST)
        seals.seal(trusted=newest.digest)
        self.stdout.write(f"Sealed on, on your word, from the seal of the events up to {newest.last}: {newest.digest}")
