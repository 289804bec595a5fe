from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import backup


class Command(BaseCommand):
    help = (
        "Write the database into a new file that only the owner of a key of age can open. The key's secret half stays "
        "elsewhere: make it there with age-keygen, and try the file there with check_backup."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--to", nargs="+", required=True, metavar="KEY", help="public keys, age1…: each opens the file alone"
        )

    def handle(self, *args: Any, file: Path, to: list[str], **options: Any) -> None:
        try:
            backup.write(file, to)
        except backup.Failed as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{file} is whole: {file.stat().st_size / 1e6:,.1f} MB.")
