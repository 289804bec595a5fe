import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import run_checks
from django.db import connection

from clinic.doctor import look

APART = timedelta(seconds=5)
LEAST_FREE = 2_000_000_000  # bytes


@look("settings", in_trial=False)
def deployment() -> Iterator[str]:
    """Django's own checks, and those of the project: check --deploy --database default."""
    for message in run_checks(include_deployment_checks=True, databases=["default"]):
        if not message.is_silenced():
            yield " ".join(f"{message.msg} {message.hint or ''}".split())


@look("clock")
def clock() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        yield from apart(cursor.fetchone()[0], datetime.now(UTC))
    if shutil.which("timedatectl") and _says_systemd("NTPSynchronized") == "no":
        yield "Nothing sets this machine's clock: codes of second factors will fail. Start systemd-timesyncd or chrony."


def apart(database: datetime, here: datetime) -> Iterator[str]:
    if abs(database - here) > APART:
        seconds = abs(database - here).total_seconds()
        yield f"The clocks of this machine and of the database are {seconds:.0f} seconds apart."


def _says_systemd(name: str) -> str:
    command = ["timedatectl", "show", f"--property={name}", "--value"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


@look("disk")
def disk() -> Iterator[str]:
    yield from full(settings.BASE_DIR, LEAST_FREE)


def full(folder: Path, least: int) -> Iterator[str]:
    free = shutil.disk_usage(folder).free
    if free < least:
        yield f"The disk of {folder} has {free / 1e9:.1f} GB left."
