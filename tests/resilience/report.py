"""What a scenario counted, and the page that keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks import tables
from benchmarks.production import ROOT

OUT = ROOT / "docs/resilience.md"


@dataclass
class Result:
    rows: Sequence[tuple[str, object]]
    faults: list[str] = field(default_factory=list)

    def table(self) -> str:
        return tables.table([""], [*self.rows, ("faults", len(self.faults))])


def keep(name: str, result: Result) -> None:
    """Put the table between the marks of the scenario in docs/resilience.md. Saves."""
    tables.keep(OUT, name, result.table())
