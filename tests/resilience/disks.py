"""Small disks in memory, for the logs and for PostgreSQL. They need root."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZES = {"postgres": "400m", "logs": "1m"}


@contextmanager
def small_disks(folder: Path) -> Iterator[None]:
    mounted: list[Path] = []
    try:
        for name, size in SIZES.items():
            (folder / name).mkdir()
            options = ["-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs"]
            subprocess.run(["mount", *options, folder / name], check=True)
            mounted.append(folder / name)
        yield
    finally:
        for path in mounted:
            subprocess.run(["umount", "--lazy", path], check=True)
