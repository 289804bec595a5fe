"""Machines with a network between them: network namespaces and a bridge, in a world that ends with the trial."""

import os
import pwd
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.resilience.stack import ROOT, wait_until

# What runs in it sees no network but its own, and is killed when it ends. The shell, as its first process, takes in
# what others leave behind: PostgreSQL does not start while a dead one is still listed.
WORLD = [
    *["unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child"],
    *["sh", "-c", '"$@"; exit $?', "world"],
]
GATEWAY = "10.0.0.1"  # where visitors come from, and the mail server is
VISITORS = "172.16.0.0/12"


@dataclass
class Service:
    name: str
    command: Sequence[str | Path]
    user: str = "root"
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> list[str]:
        """setpriv, as systemd would: the group may read the machine's key."""
        return ["setpriv", "--reuid", self.user, "--regid", self.user, "--groups", "ssl-cert"]


class Host:
    def __init__(self, name: str, address: str, folder: Path) -> None:
        self.name, self.address, self.folder = name, address, folder / name
        self.services: dict[str, Service] = {}
        self.folder.mkdir()
        _ip("netns", "add", name)
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", name, "master", "clinic", "up")
        _ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", name, "link", "set", device, "up")
        _ip("-n", name, "route", "add", "default", "via", GATEWAY)

    def add(self, service: Service) -> None:
        self.services[service.name] = service
        self.start(service.name)

    def start(self, name: str) -> None:
        service = self.services[name]
        with open(self.folder / f"{name}.out", "ab") as log:
            subprocess.Popen(
                ["ip", "netns", "exec", self.name, *service.prefix, *service.command],
                cwd=ROOT,
                env=os.environ | {"HOME": pwd.getpwnam(service.user).pw_dir} | service.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> str:
        """What it said. Raises CalledProcessError."""
        inside = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(
            inside, cwd=ROOT, env=os.environ | environment, check=True, capture_output=True, text=True
        ).stdout

    def kill(self) -> None:
        """Everything that runs on it, at once."""
        for pid in self._pids():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self._pids())

    def lose_power(self) -> None:
        self.cut()
        self.kill()

    def boot(self) -> None:
        self.mend()
        for name in self.services:
            self.start(name)

    def cut(self) -> None:
        """Pull its cable out: whoever speaks with it hears nothing more, no refusal either."""
        _ip("link", "set", self.name, "down")

    def mend(self) -> None:
        _ip("link", "set", self.name, "up")

    def _pids(self) -> list[int]:
        return [int(pid) for pid in _ip("netns", "pids", self.name).split()]


def network() -> None:
    """The bridge, and on this side of it visitors from as many networks as they like."""
    Path("/run/netns").mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run/netns"], check=True)  # the names are this world's
    _ip("link", "set", "lo", "up")
    _ip("link", "add", "clinic", "type", "bridge")
    _ip("address", "add", f"{GATEWAY}/24", "dev", "clinic")
    _ip("link", "set", "clinic", "up")
    _ip("route", "add", "local", VISITORS, "dev", "lo")


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout
