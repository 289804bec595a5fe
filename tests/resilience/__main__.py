"""python -m tests.resilience: every scenario, or those that ONLY names. With KEEP=1 the counts go into the docs."""

import importlib
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from tests.resilience import report
from tests.resilience.disks import small_disks
from tests.resilience.stack import ROOT, stack

SCENARIOS = ["kills", "outage", "mail", "paused", "clock", "disk", "slow", "gone"]


def main(names: list[str]) -> int:
    """Each in a process of its own, because Django knows one database."""
    if len(names) == 1:
        return alone(names[0])
    codes = [subprocess.run([sys.executable, "-m", "tests.resilience", name], cwd=ROOT).returncode for name in names]
    return max(codes)


def alone(name: str) -> int:
    begin = time.monotonic()
    small = small_disks if name == "disk" else nullcontext
    with tempfile.TemporaryDirectory(prefix="clinic-soak-") as folder, small(Path(folder)), stack(Path(folder)) as site:
        result = importlib.import_module(f"tests.resilience.{name}").run(site)  # it needs the settings
    print(f"\n{name}, {time.monotonic() - begin:.0f} s\n\n{result.table()}", flush=True)
    for fault in result.faults[:20]:
        print("FAULT", fault, flush=True)
    if os.environ.get("KEEP"):
        report.keep(name, result)
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or os.environ.get("ONLY", "").split() or SCENARIOS))
