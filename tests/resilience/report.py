"""What a scenario counted, and the page that keeps it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.production import ROOT

OUT = ROOT / "docs/resilience.md"


@dataclass
class Result:
    rows: Sequence[tuple[str, object]]
    faults: list[str] = field(default_factory=list)

    def table(self) -> str:
        lines = [f"| {what} | {number} |" for what, number in self.rows]
        faults = [f"| faults | {len(self.faults)} |"]
        return "\n".join([f"| {datetime.now(UTC):%Y-%m-%d} | |", "|---|--:|", *lines, *faults])


def keep(name: str, result: Result) -> None:
    """Put the table between the marks of the scenario in docs/resilience.md. Saves."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    text = OUT.read_text()
    found = re.sub(rf"(?s){begin}.*?{end}", lambda _: f"{begin}\n{result.table()}\n{end}", text)
    if found == text:
        raise ValueError(f"{OUT.name} has no place for {name}")
    OUT.write_text(found)
