"""Where the parts of a line chart lie. Whole units, because a template would write a fraction with a comma."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Takes the values from `low` to `high` to the units from `start` to `end`; a single value to their middle."""

    low: float
    high: float
    start: int
    end: int

    def __call__(self, value: float) -> int:
        if self.low == self.high:
            return (self.start + self.end) // 2
        return round(self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start))


def lines(places: Sequence[tuple[int, int] | None]) -> list[str]:
    """The `points` of the polylines through the places; None breaks a line."""
    runs: list[list[str]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(f"{place[0]},{place[1]}")
    return [" ".join(run) for run in runs if len(run) > 1]


def with_room(places: Sequence[int], least: int) -> set[int]:
    """The indexes of the places that can have a label, from the last one back, each `least` units from the next."""
    kept: list[int] = []
    for index in reversed(range(len(places))):
        if not kept or places[kept[-1]] - places[index] >= least:
            kept.append(index)
    return set(kept)
