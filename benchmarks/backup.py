"""Backup and restore of very many submissions, on a PostgreSQL of its own: python -m benchmarks.backup [SUBMISSIONS]"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from tests import environment


def main(count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    import pyrage
    from django.core.management import call_command

    from clinic.models import Heartbeat

    call_command("migrate", verbosity=0)
    fill(count)
    key = pyrage.x25519.Identity.generate()
    with tempfile.TemporaryDirectory() as folder:
        file, identity = Path(folder) / "backup.age", Path(folder) / "identity.txt"
        identity.write_text(f"{key}\n")
        quiet = StringIO()
        took = timed(lambda: call_command("backup", str(file), to=[str(key.to_public())], stdout=quiet))
        assert Heartbeat.seconds_since("backup") is not None
        print(f"backup of {count:,} submissions: {took:.0f} s, {file.stat().st_size / 1e6:,.0f} MB")
        proved = timed(lambda: call_command("check_backup", str(file), identity=identity, stdout=quiet))
        print(f"check_backup, which restores it: {proved:.0f} s")
        print(f"restore onto a disk that is waited for: {timed(lambda: restored(file, key, Path(folder))):.0f} s")
        print(quiet.getvalue())


def restored(file: Path, key: Any, folder: Path) -> None:
    """Restore into a PostgreSQL with the settings of a real one."""
    from clinic import backup
    from clinic.postgres import Server

    server = Server(folder / "postgres")
    server.start()
    try:
        backup.restore(file, [key], server)
    finally:
        server.stop()


def timed(act: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def fill(count: int) -> None:
    """Store `count` submissions as the portal would have them, and their events under seal. Saves."""
    from django.core.management import call_command

    from clinic import seals
    from intake import bulk
    from tests.factories import make_user

    call_command("load_questionnaires", stdout=StringIO())
    bulk.fill(count, [make_user()])
    seals.seal()


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
    finally:
        environment.own.pytest_unconfigure()
