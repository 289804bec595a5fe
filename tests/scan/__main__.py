"""python -m tests.scan: everything, or what ONLY names (attack, wapiti, observatory); SEED and COUNT of the attack."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import production
from tests.scan import tools
from tests.scan.proxy import Ports, proxy

SEED = int(os.environ.get("SEED", 20))
COUNT = int(os.environ.get("COUNT", 2500))
ONLY = os.environ.get("ONLY", "attack wapiti observatory").split()
PORT = int(os.environ.get("PORT", 8443))
PORTS = Ports(http=PORT + 1, https=PORT, site=PORT + 2)
ROLE = "clinic_app"
EXPLAINED = {"Lack of anti CSRF token", "X-XSS-Protection is not set"}  # in docs/scan.md


def main() -> int:
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="clinic-scan-") as name, site(Path(name)):
        for part in ONLY:
            faults += {"attack": attacked, "wapiti": by_wapiti, "observatory": by_observatory}[part](Path(name))
    for fault in faults:
        print("FAULT", fault)
    print(f"\n{len(faults)} faults (seed {SEED})")
    return 1 if faults else 0


@contextmanager
def site(folder: Path) -> Iterator[None]:
    """granian on loopback behind the proxy, and the database roles that docs/deploy.md asks for."""
    folder.chmod(0o755)  # nginx's workers are another user
    os.environ["TRUSTED_PROXIES"] = "127.0.0.1"
    with production.prepared(folder, PORTS.https) as server:
        from django.core.management import call_command

        call_command("grant_application_role", ROLE, verbosity=0)
        os.environ["DATABASE_URL"] = server.url(ROLE)
        with (folder / "site.log").open("wb") as log:
            health = f"http://localhost:{PORTS.site}/healthz"
            with production.serving(production.options(PORTS.site), health, log), proxy(folder, PORTS):
                yield


def attacked(folder: Path) -> list[str]:
    from tests.scan.attack import attack, log_faults
    from tests.scan.client import Line

    judge = attack(Line(PORTS.https), SEED, COUNT)
    statuses = sorted({status for _, status in judge.counts})
    print("\n| kind | " + " | ".join(map(str, statuses)) + " |\n|---|" + "--:|" * len(statuses))
    for kind in sorted({kind for kind, _ in judge.counts}):
        print(f"| {kind} | " + " | ".join(str(judge.counts[kind, status] or "") for status in statuses) + " |")
    print(f"\n{sum(judge.counts.values())} requests")
    return judge.faults + log_faults(folder)


def by_wapiti(folder: Path) -> list[str]:
    before = _answered(folder)
    found = tools.wapiti(folder, f"https://localhost:{PORTS.https}")
    sent = _answered(folder) - before
    print(f"\nwapiti sent {sent} requests.\n\n| finding | where |\n|---|---|")
    for what, where in found:
        print(f"| {what} | {where} |")
    faults = [f"wapiti: {what}: {where}" for what, where in found if what not in EXPLAINED]
    return faults if sent >= tools.FEWEST else [*faults, "wapiti did not see the site"]


def _answered(folder: Path) -> int:
    return len((folder / "clinic.log").read_text().splitlines())


def by_observatory(folder: Path) -> list[str]:
    from benchmarks.pages import addresses

    points = tools.observatory(folder, PORTS, addresses())
    print("\n| page | points |\n|---|--:|")
    for path, number in points.items():
        print(f"| {path} | {number} |")
    return [f"{path} has {number} points" for path, number in points.items() if number < tools.ENOUGH]


if __name__ == "__main__":
    sys.exit(main())
