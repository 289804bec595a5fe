"""The table of docs/scale.md."""

import math
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from benchmarks.speed import machine

MOST = 1.5  # times as long with the most as with the second most
HOW = """\
Each size is a database of its own, filled by `manage.py make_submissions`, all on one PostgreSQL with its usual
settings but for 1 GB of shared buffers; each has a web process (granian, four threads) in production mode and a worker.
One request is under way at a time. The sizes take turns within each row, so that what else the machine does falls on
all of them alike. The first round is not counted. Screenings take half as many turns.

The submissions are those of 700 days, worked by three people. About the same number still needs somebody in the two
largest sizes, as on a desk that keeps up. “All” and the statuses without a bound, such as closed, reach over everything
stored. A whole visit is the sum of its requests, without the seconds for which a visitor would read.
"""


@dataclass
class Size:
    count: int
    url: str
    filled: Mapping[str, Any] = field(default_factory=dict)


class Found:
    """Milliseconds by what was asked and by size."""

    def __init__(self) -> None:
        self.spans: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, name: str, count: int, spans: Sequence[float]) -> None:
        self.spans[name][count] += spans


def part(spans: Sequence[float], share: float) -> float:
    """The span that this share of all does not exceed."""
    return sorted(spans)[math.ceil(len(spans) * share) - 1]


def written(
    sizes: Sequence[Size], found: Found, work: Mapping[int, Mapping[str, float]], rounds: int, times: int
) -> Iterator[str]:
    yield "# The site over very many submissions, measured\n"
    yield (
        f"Made by `make scale` on {datetime.now(UTC).date()} at commit {_commit()}: {rounds} rounds, {times} turns "
        f"each. The machine: {machine.processor()}, Linux {os.uname().release}, load {machine.load()} at the end. "
        f"Python {sys.version.split()[0]}, Django {version('Django')}, granian {version('granian')}, PostgreSQL "
        f"{sizes[0].filled['postgresql'] // 10_000}.\n"
    )
    yield HOW
    yield "| stored | filled in | a second | size of the database |"
    yield "|--:|--:|--:|--:|"
    for size in sizes:
        seconds, gigabytes = size.filled["seconds"], size.filled["bytes"] / 1e9
        yield f"| {size.count:,} | {seconds:,.0f} s | {size.count / seconds:,.0f} | {gigabytes:,.2f} GB |"
    yield "\n## What a person waits for\n"
    yield f"Milliseconds. The ratio is that of the p95; asked for is at most {MOST}.\n"
    yield from _table(sizes, found)
    yield "\n## What runs again and again\n"
    yield "Milliseconds, the median of several, without a web process.\n"
    yield from _work_table(sizes, work)


def _table(sizes: Sequence[Size], found: Found) -> Iterator[str]:
    counts = [size.count for size in sizes]
    yield " | ".join(["| what", *(f"p50 at {count:,} | p95" for count in counts), "ratio | met |"])
    yield "|---|" + "--:|--:|" * len(counts) + "--:|---|"
    for name, spans in found.spans.items():
        if not all(spans.get(count) for count in counts):
            continue
        cells = [f"{part(spans[count], 0.5):,.1f} | {part(spans[count], 0.95):,.1f}" for count in counts]
        ratio = part(spans[counts[-1]], 0.95) / part(spans[counts[-2]], 0.95) if len(counts) > 1 else math.nan
        yield " | ".join([f"| {name}", *cells, f"{ratio:.2f} | {'yes' if ratio <= MOST else '**no**'} |"])


def _work_table(sizes: Sequence[Size], work: Mapping[int, Mapping[str, float]]) -> Iterator[str]:
    yield " | ".join(["| what", *(f"{size.count:,}" for size in sizes)]) + " |"
    yield "|---|" + "--:|" * len(sizes)
    for name in work[sizes[0].count]:
        yield " | ".join([f"| {name}", *(f"{work[size.count][name]:,.1f}" for size in sizes)]) + " |"


def _commit() -> str:
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True)
    return said.stdout.strip()
