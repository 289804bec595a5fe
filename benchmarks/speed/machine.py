"""What processes cost, and whether the machine was quiet meanwhile: read from /proc."""

import os
import resource
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds
KERNEL = 2  # the process whose children are the kernel's threads
IS_LINUX = sys.platform == "linux"  # whose /proc it is
CORES = sorted(os.sched_getaffinity(0)) if IS_LINUX else []


def on_core_of_servers() -> None:
    """What is started from now on shares one core; where there is a single one, so does everything."""
    os.sched_setaffinity(0, CORES[:1])


def on_cores_of_load() -> None:
    os.sched_setaffinity(0, CORES[1:] or CORES)


class Meter:
    """Adds up time and processor time of what runs in its `with` blocks, for processes and all that they start.

    Threads of the kernel are neither theirs nor others': they write to the disk what durable commits ask for.
    """

    def __init__(self, roots: Iterable[int]) -> None:
        self.roots = tuple(roots)
        self.wall = self.cpu = self.others = 0.0  # seconds

    def __enter__(self) -> Self:
        self._begin = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu, own, busy = (now - then for now, then in zip(self._now(), self._begin, strict=True))
        self.wall += wall
        self.cpu += cpu
        self.others += busy - cpu - own

    @property
    def noise(self) -> float:
        """The part of the machine that others had, or that another machine on the same computer took."""
        return self.others / (self.wall * (os.cpu_count() or 1))

    def _now(self) -> tuple[float, float, float, float]:
        kernel = sum(map(_spent, _descendants(KERNEL)))
        return time.monotonic(), sum(map(_spent, self._family())), _own(), _busy() - kernel

    def _family(self) -> Iterable[int]:
        for root in self.roots:
            yield root
            yield from _descendants(root)


def _descendants(pid: int) -> Iterable[int]:
    for task in _tasks(pid):
        for child in _read(f"/proc/{pid}/task/{task}/children").split():
            yield int(child)
            yield from _descendants(int(child))


def _tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:  # it has ended
        return []


def _spent(pid: int) -> float:
    """Seconds of the process, and of those of its children that have ended."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * TICK


def _own() -> float:
    """Seconds of this process and of the load generators that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _busy() -> float:
    """Seconds that the machine's cores worked, or were taken away."""
    user, nice, system, _idle, _waiting, irq, _softirq, steal = _read("/proc/stat").split()[1:9]
    return sum(map(int, (user, nice, system, irq, steal))) * TICK


def memory(root: int) -> float:
    """MB that the largest of the processes that `root` started holds now: of a server's, the one that answers."""
    found = [int(_read(f"/proc/{pid}/statm").split()[1]) for pid in _descendants(root)]
    return max(found) * os.sysconf("SC_PAGE_SIZE") / 1e6


def load() -> str:
    return _read("/proc/loadavg").split(" ", 1)[0]


def shared_out() -> str:
    """Whether the kernel shares a core out by sessions, as docs/deploy.md says that it should not."""
    return "by sessions" if _read("/proc/sys/kernel/sched_autogroup_enabled").strip() == "1" else "by processes"


def processor() -> str:
    names = [
        line.partition(":")[2].strip() for line in _read("/proc/cpuinfo").splitlines() if line[:10] == "model name"
    ]
    return f"{len(names)} × {names[0]}" if names else f"{os.cpu_count()} cores"


def _read(file: str) -> str:
    try:
        return Path(file).read_text()
    except OSError:  # the process has ended
        return ""
