from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import backup


class Command(BaseCommand):
    help = (
        "Prove that a backup can be restored, in a PostgreSQL that is made for it and goes away: exit 0, or 1 with "
        "what is wrong. It needs the FIELD_KEYS of the time, and asks nothing of the site's own database."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--identity", type=Path, required=True, help="the file with the secret key, as age-keygen wrote it"
        )

    def handle(self, *args: Any, file: Path, identity: Path, **options: Any) -> None:
        try:
            keys = backup.identities(identity)
            backup.prove_whole(file, keys)
            self.stdout.write("Every byte is as it was written, and this key opens it.")
            with backup.restored(file, keys) as server:
                self._tell(backup.counts(server))
                proofs = list(backup.proofs(server))
        except backup.Failed as error:
            raise CommandError(str(error)) from None
        self.stdout.writelines(f"{said}\n" for _, said in proofs)
        if not all(holds for holds, _ in proofs):
            raise CommandError("This backup cannot be relied on.")
        self.stdout.write("This backup can be restored.")

    def _tell(self, counts: dict[str, int]) -> None:
        self.stdout.write(f"It was restored: {sum(counts.values()):,} rows in {len(counts)} tables.")
        for table, count in counts.items():
            self.stdout.write(f"  {table}: {count:,}")
