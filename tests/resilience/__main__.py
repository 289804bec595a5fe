"""python -m tests.resilience: every scenario, or those that ONLY names. With KEEP=1 the counts go into the docs."""

import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tests.resilience import report
from tests.resilience.disks import small_disks
from tests.resilience.machines import many
from tests.resilience.machines.hosts import WORLD
from tests.resilience.machines.set_up import Machines
from tests.resilience.stack import ROOT, Stack, stack

# All but failover, which needs more packages.
SCENARIOS = ["kills", "outage", "mail", "paused", "clock", "disk", "slow", "gone"]


def main(names: list[str]) -> int:
    """Each in a process of its own, because Django knows one database, and failover has a network of its own."""
    return max(
        subprocess.run([*_world(name), sys.executable, "-m", "tests.resilience", name]).returncode for name in names
    )


def _world(name: str) -> list[str]:
    return WORLD if name == "failover" else []


def alone(name: str) -> int:
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clinic-soak-") as folder, _around(name, Path(folder)) as site:
        result = importlib.import_module(f"tests.resilience.{name}").run(site)  # it needs the settings
    print(f"\n{name}, {time.monotonic() - begin:.0f} s\n\n{result.table()}", flush=True)
    for fault in result.faults[:20]:
        print("FAULT", fault, flush=True)
    if os.environ.get("KEEP"):
        report.keep(name, result)
    return 1 if result.faults else 0


@contextmanager
def _around(name: str, folder: Path) -> Iterator[Stack | Machines]:
    """What the scenario happens to."""
    small = small_disks(folder) if name == "disk" else nullcontext()
    with small, many(folder) if name == "failover" else stack(folder) as site:
        yield site


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(alone(sys.argv[1]) if sys.argv[1:] else main(os.environ.get("ONLY", "").split() or SCENARIOS))
