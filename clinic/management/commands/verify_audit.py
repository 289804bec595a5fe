import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clinic import seals
from clinic.models import AuditEvent, Seal


class Command(BaseCommand):
    help = "Prove that no sealed event of the audit record is missing or changed: exit 0, or 1 with a line a fault."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seal", metavar="DIGEST", help="the newest digest of an earlier run, which must be there")

    def handle(self, *args: Any, seal: str | None, **options: Any) -> None:
        faults = list(seals.faults())
        if seal and not Seal.objects.filter(digest=seal).exists():
            faults.append("The seal that you name is missing: the end of the record was cut off or made anew.")
        if faults:
            self.stdout.write("\n".join(faults))
            sys.exit(1)
        newest = Seal.newest()
        last = newest.last if newest else 0
        sealed, waiting = AuditEvent.objects.filter(pk__lte=last), AuditEvent.objects.filter(pk__gt=last)
        self.stdout.write(f"{sealed.count()} events are as they were sealed; {waiting.count()} are not sealed yet.")
        if cut := seals.newest_cut():
            self.stdout.write(f"What was before event {int(cut.record) + 1} was deleted on {cut.at:%Y-%m-%d}.")
        for event in AuditEvent.objects.filter(action=AuditEvent.Action.CHANGED, kind="keys", detail=seals.ON_TRUST):
            self.stdout.write(f"What was before event {event.pk} was taken on trust on {event.at:%Y-%m-%d}.")
        if newest:
            self.stdout.write(f"The newest seal covers events up to {last}: {newest.digest}")
