"""nginx with deploy/nginx.conf, in which only names, ports and paths are other ones."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import production

DOCUMENTED = production.ROOT / "deploy/nginx.conf"
AROUND = """
pid {folder}/nginx.pid;
error_log {folder}/main.log;
events {{}}
http {{
    {paths}
    include {folder}/site.conf;
}}
"""
KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Ports:
    http: int
    https: int
    site: int  # where granian listens


def configured(text: str, folder: Path, ports: Ports, certificate: Path, key: Path) -> str:
    """The documented text for localhost. A port that is not 443 belongs to the name that the site is called by."""
    changes = {
        r"www\.example\.org": "localhost",
        r"listen 80\b": f"listen 127.0.0.1:{ports.http}",
        r"listen 443\b": f"listen 127.0.0.1:{ports.https}",
        r"listen \[::\]:.*": "",
        r"(https://|Host )\$host": rf"\1$host:{ports.https}",
        r"127\.0\.0\.1:8000": f"127.0.0.1:{ports.site}",
        r" +server 127\.0\.0\.1:8001.*": "",
    }
    return changed(placed(text, folder, certificate, key), changes)


def placed(text: str, folder: Path, certificate: Path, key: Path) -> str:
    """The documented text with its logs in the folder, and this certificate."""
    changes = {
        r"(ssl_certificate +)\S+;": rf"\1{certificate};",
        r"(ssl_certificate_key +)\S+;": rf"\1{key};",
        r"/var/log/nginx": str(folder),
    }
    return changed(text, changes)


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text, count = re.subn(old, new, text)
        assert count, f"{DOCUMENTED} has no {old}"
    return text


@contextmanager
def proxy(folder: Path, ports: Ports) -> Iterator[None]:
    """Runs until the end of the block; its logs and its certificate are in the folder."""
    certificate, key = production.certified(folder)
    site = configured(DOCUMENTED.read_text(encoding="utf-8"), folder, ports, certificate, key)
    nginx = subprocess.Popen(command(folder, site))
    try:
        time.sleep(0.5)
        assert nginx.poll() is None, "nginx did not start; see what it said above."
        yield
    finally:
        nginx.terminate()
        nginx.wait(20)


def command(folder: Path, site: str) -> list[str]:
    """What starts nginx with this text, all of whose files are in the folder. Writes them."""
    (folder / "site.conf").write_text(site, encoding="utf-8")
    paths = "\n    ".join(f"{kind}_temp_path {folder}/{kind};" for kind in KINDS)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, paths=paths))
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
