import base64
import secrets
from typing import Any

from django.core.management.base import BaseCommand

NEXT = """\
This is a key for FIELD_KEYS. It is stored nowhere: keep a copy in a place that no backup of the database shares.
Add it to FIELD_KEYS, restart every process, then run: manage.py rotate_keys. The steps are in docs/keys.md.
"""


class Command(BaseCommand):
    help = "Print a new key for FIELD_KEYS, and nothing else on standard output."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write(NEXT)
        self.stdout.write(base64.b64encode(secrets.token_bytes(32)).decode())
