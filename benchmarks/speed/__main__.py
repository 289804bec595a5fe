"""The site beside what else serves pages and forms, into docs/benchmarks.md: python -m benchmarks.speed

ROUNDS=1 SECONDS=1 make a quick look, which is printed and not kept; so does ONLY="content,nginx", with the subjects in
whose names one of these is. Needs nginx, wrk, pgbench, and pip for Wagtail.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import production
from benchmarks.speed import machine, queries, report, servers, subjects
from benchmarks.speed.load import Sample
from benchmarks.speed.report import Rounds
from benchmarks.speed.subjects import Size, Subject, Told
from clinic.postgres import Server

ROUNDS = int(os.environ.get("ROUNDS", 5))
SECONDS = int(os.environ.get("SECONDS", 4))
ONLY = [part.strip() for part in os.environ.get("ONLY", "").split(",")]
SIZE = Size(SECONDS, visitors=40 * SECONDS, contacts=160 * SECONDS, screened=16 * SECONDS)
WARM = Size(seconds=1, visitors=8, contacts=8, screened=4)
IS_WHOLE = ROUNDS >= 3 and SECONDS >= 2 and ONLY == [""]
NOISE = 0.05  # of the machine's cores that others may have during a sample
TRIES = 3 if IS_WHOLE else 1  # at a sample, until the machine is quiet
OUT = production.ROOT / "docs/benchmarks.md"


def main() -> None:
    if not machine.IS_LINUX:
        sys.exit("What processes cost is read from /proc: this needs Linux.")
    for name in servers.PACKAGES:
        servers.program(name)
    before = machine.load()
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as folder:
        database = Server(Path(folder) / "postgres")
        with subjects.every(Path(folder), database) as (them, told):
            them = [one for one in them if any(part in one.name for part in ONLY)]
            counted = {}
            for subject in them:
                subject.take(WARM)
                counted[subject.name] = queries.per_request(subject, database)
            found = rounds(them)
            kept = stored(told)
    text = "\n".join(written(found, counted, kept, f"{before} before, {machine.load()} after"))
    print(text)
    publish(text, found, kept)


def rounds(them: list[Subject]) -> Rounds:
    found: dict[str, list[Sample]] = {subject.name: [] for subject in them}
    for number in range(ROUNDS):
        for subject in them:
            sample = quiet_sample(subject)
            said = f"{sample.rate:9,.1f}/s, CPU {sample.cost:8.3f} ms, others {sample.noise:4.0%}"
            print(f"{number + 1}/{ROUNDS}  {said}  {subject.name}", file=sys.stderr, flush=True)
            found[subject.name].append(sample)
    return found


def quiet_sample(subject: Subject) -> Sample:
    """The first one during which the machine was quiet; after some tries, the last one."""
    for _ in range(TRIES):
        sample = subject.take(SIZE)
        if sample.noise <= NOISE:
            break
    return sample


def stored(told: Told) -> dict[str, tuple[int, int, int]]:
    """By kind: how many were acknowledged, how many of these are in the database, and how many there are at all."""
    from intake.models import Submission

    found = {}
    for kind, references in (("contact", told.contacts), ("screening", told.screenings)):
        rows = Submission.objects.filter(kind=kind, is_suspect=False)
        found[kind] = len(references), rows.filter(reference__in=references).count(), rows.count()
    return found


def publish(text: str, found: Rounds, kept: Mapping[str, tuple[int, int, int]]) -> None:
    """Write the page, unless something speaks against it: then say what, and fail."""
    against = [
        f"{name}: others had {sample.noise:.0%} of the machine, {NOISE:.0%} is allowed"
        for name, samples in found.items()
        for sample in samples
        if sample.noise > NOISE
    ]
    against += [f"{name}: a sample failed" for name, samples in found.items() if any(one.failed for one in samples)]
    against += [f"{kind}: acknowledged is not stored" for kind, numbers in kept.items() if len(set(numbers)) > 1]
    if not IS_WHOLE:
        against.append("this was a quick look")
    if against:
        sys.exit("\n".join(["Not published:", *against]))
    OUT.write_text(text + "\n", encoding="utf-8")


def written(
    found: Rounds, counted: Mapping[str, float], kept: Mapping[str, tuple[int, int, int]], load: str
) -> Iterator[str]:
    noise = sorted(sample.noise for samples in found.values() for sample in samples)
    yield "# The site beside others, measured\n"
    yield (
        f"Made by `make bench` on {datetime.now(UTC).date()} at commit {_commit()}: the medians of {ROUNDS} rounds, in "
        f"each of which every subject had its turn of about {SECONDS} seconds.\n"
    )
    yield (
        f"The machine: {machine.processor()}, Linux {os.uname().release}, which shares a core out "
        f"{machine.shared_out()}; load {load}. Others, and the computer "
        f"beneath, had {statistics.median(noise):.1%} of it in the median sample and {noise[-1]:.1%} in the worst; "
        f"with more than {NOISE:.0%} in any, nothing is published. {', '.join(_versions())}.\n"
    )
    yield report.HOW
    yield "## What was found\n"
    yield from report.measured(found, counted)
    yield "\n"
    for kind, (acknowledged, there, at_all) in kept.items():
        yield f"- {kind}: {acknowledged:,} acknowledged, {there:,} of them stored, {at_all:,} stored in all"
    yield "\n## What was asked for\n"
    yield from report.compared(found)


def _commit() -> str:
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def _versions() -> Iterator[str]:
    yield f"Python {sys.version.split()[0]}"
    for package in ("Django", "granian"):
        yield f"{package} {version(package)}"
    yield from (" ".join(pinned.split("==")) for pinned in servers.WAGTAIL)
    for command in (["nginx", "-v"], ["pgbench", "--version"], ["wrk", "-v"]):
        said = subprocess.run([servers.program(command[0]), *command[1:]], capture_output=True, text=True)
        yield (said.stdout + said.stderr).splitlines()[0].replace("nginx version: ", "").partition(" [")[0]


if __name__ == "__main__":
    main()
