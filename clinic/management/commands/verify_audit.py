import sys
from typing import Any

from django.core.management.base import BaseCommand

from clinic import audit
from clinic.models import AuditEvent, Seal


class Command(BaseCommand):
    help = "Prove that no sealed event of the audit record is missing or changed: exit 0, or 1 with a line a fault."

    def handle(self, *args: Any, **options: Any) -> None:
        if faults := list(audit.faults()):
            self.stdout.write("\n".join(faults))
            sys.exit(1)
        newest = Seal.objects.order_by("-first").first()
        last = newest.last if newest else 0
        sealed, waiting = AuditEvent.objects.filter(pk__lte=last), AuditEvent.objects.filter(pk__gt=last)
        self.stdout.write(f"{sealed.count()} events are as they were sealed; {waiting.count()} are not sealed yet.")
        if newest:
            self.stdout.write(f"The newest seal covers events up to {last}: {newest.digest}")
