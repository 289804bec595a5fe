"""What lies on a machine: the files of deploy/failover, with paths in the machine's folder, and certificates."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.resilience.machines.hosts import GATEWAY, Host
from tests.resilience.stack import ROOT

DEPLOY = ROOT / "deploy"
FIRST = ("db1", "10.0.0.21")  # for whom the files are written; every other machine puts its own name and address there
OWN_LINE = re.compile(r"(?m)^(PATRONI|ETCD(?!_INITIAL_CLUSTER=)).*$")
PLACES = {
    "/etc/clinic": "",
    "/etc/pgbouncer": "",
    "/var/log/postgresql": "",
    "/var/lib/etcd/clinic": "/etcd",
    "/var/lib/postgresql/15/clinic": "/postgres/data",
    "/var/lib/postgresql": "/postgres",
    "/var/run/postgresql": "/socket",
}


def documented(host: Host, name: str, passwords: Mapping[str, str]) -> str:
    text = (DEPLOY / "failover" / name).read_text()
    text = OWN_LINE.sub(lambda line: line[0].replace(FIRST[0], host.name).replace(FIRST[1], host.address), text)
    for path, here in PLACES.items():
        text = text.replace(path, f"{host.folder}{here}")
    return re.sub(r"replace-me-(\d)", lambda found: passwords[found[1]], text)


def written(host: Host, name: str) -> Path:
    """Of those files that hold no password. Saves."""
    path = host.folder / name
    path.write_text(documented(host, name, {}))
    return path


def environment(text: str) -> dict[str, str]:
    """As systemd reads such a file."""
    return dict(re.findall(r"(?m)^(\w+)=(.*)$", text))


def proxy_text() -> str:
    """deploy/nginx.conf for these web machines."""
    upstream = (DEPLOY / "failover/upstream.conf").read_text()
    text, count = re.subn(r"(?ms)^upstream clinic \{.*?^\}", upstream, (DEPLOY / "nginx.conf").read_text())
    assert count == 1
    return text


def state(host: Host, name: str, user: str) -> None:
    """A folder for what a program keeps, which only its user can open."""
    (host.folder / name).mkdir(mode=0o700)
    shutil.chown(host.folder / name, user, user)


def certify(folder: Path, hosts: Iterable[Host], keyed: Iterable[Host]) -> None:
    """The authority's certificate for all; keys and certificates for some, and in the folder for the mail server."""
    folder.mkdir()
    pairs = [part for host in keyed for part in (host.name, host.address)]
    subprocess.run([DEPLOY / "failover/certificates", *pairs, "mail", GATEWAY], cwd=folder, check=True)
    for host in hosts:
        (host.folder / "tls").mkdir()
        _lay(folder / "ca.pem", host.folder / "tls/ca.pem", 0o644)
    for host in keyed:
        for kind in ("pem", "key"):
            _lay(folder / f"{host.name}.{kind}", host.folder / f"tls/host.{kind}", 0o640)


def _lay(made: Path, there: Path, mode: int) -> None:
    shutil.copy(made, there)
    shutil.chown(there, "root", "ssl-cert")
    there.chmod(mode)
