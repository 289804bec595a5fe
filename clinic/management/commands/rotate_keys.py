import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from clinic.progress import Progress
from clinic.rotation import State, States, every_table, left, rotate_all, scan, seal_anew


class Command(BaseCommand):
    help = (
        "Encrypt everything anew with the newest key of FIELD_KEYS, while the site runs, and prove it; a run that was "
        "stopped goes on where it ended. Exit 1 when something is left. See docs/keys.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is left, and change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        found = every_table()
        rows = sum(table.count() for table in found)
        progress = Progress(rows if dry_run else 2 * rows, sys.stderr, "rows read")
        sealed = True
        if dry_run:
            states = scan(found, progress)
        else:
            done, states = rotate_all(found, progress)
            sealed = seal_anew(done)
        progress.end()
        self._report(states)
        if not sealed:
            self.stdout.write("The newest seal of the audit record has no mark by the newest key. Run verify_audit.")
        if left(states, State.OLD, State.LOST, State.DAMAGED) or not sealed:
            sys.exit(1)

    def _report(self, states: States) -> None:
        """A line for each column and state, and one for all. Nothing of a value is ever printed."""
        for (column, state), count in sorted(states.items(), key=lambda one: (one[0][0], one[0][1].value)):
            self.stdout.write(f"{column}: {count:,} {state.value}")
        total, newest = sum(states.values()), left(states, State.NEWEST)
        self.stdout.write(
            f"All {total:,} values are by the newest key."
            if total == newest
            else f"{total - newest:,} of {total:,} values are not by the newest key."
        )
