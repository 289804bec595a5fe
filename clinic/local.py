"""Local mode: the portal on this computer alone, for `make run` and `make manage`.

Everything it keeps lies under var/ (or VAR): the secrets, the database, the e-mails it would have sent.
"""

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from io import StringIO
from pathlib import Path
from types import FrameType

from clinic import logs
from clinic.postgres import Server, Unavailable

ROOT = Path(__file__).resolve().parent.parent
ROLE = "clinic_app"  # what the site runs as; the tables belong to the server's own role
OWNERS = {"migrate", "grant_application_role", "--audit"}  # the commands and options for which it does not suffice


def state_folder() -> Path:
    folder = Path(os.environ.get("VAR") or ROOT / "var").absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def kept_secrets(state: Path) -> dict[str, str]:
    """The keys of this trial, made once; only the owner can read the file."""
    file = state / "secrets.json"
    if not file.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            json.dump(made, opened)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def environment(state: Path, database_url: str, port: int) -> dict[str, str]:
    return kept_secrets(state) | {
        "LOCAL": "1",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": database_url,
        "EMAIL_URL": f"filemail://{state / 'mail'}",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }


def run(port: int) -> int:
    """Serve until Ctrl-C or SIGTERM; return the exit code."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            print(f"Port {port} is in use. Choose another: make run PORT=8001", file=sys.stderr)
            return 1
    state = state_folder()
    server = Server(state / "postgres")
    started = server.start()
    children: list[subprocess.Popen[bytes]] = []
    try:
        os.environ.update(environment(state, server.url(), port))
        password_file = state / "staff-password"
        _prepare(password_file)
        os.environ["DATABASE_URL"] = server.url(ROLE)
        for module in (web(port), ["clinic.local", "manage", "deliver"]):
            children.append(subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, start_new_session=True))
        return _serve(children, port, password_file)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)
        if started:
            server.stop()


def web(port: int) -> list[str]:
    """The web process as on a server, for loopback alone."""
    serve = ["granian", "--interface", "wsgi", "--http", "1", "--port", str(port)]
    serve += ["--workers", "1", "--blocking-threads", "4", "--no-access-log", "--log-level", "warning"]
    return [*serve, "--log-config", "clinic/granian.json", "--host", "127.0.0.1", "clinic.wsgi:application"]


def _prepare(password_file: Path) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    quiet = StringIO()
    call_command("migrate", verbosity=0)
    call_command("grant_application_role", ROLE, stdout=quiet)
    call_command("load_pages", stdout=quiet)
    call_command("load_questionnaires", stdout=quiet)
    call_command("ensure_local_staff", password_file=password_file, stdout=quiet)
    call_command("make_submissions", 12, if_empty=True, stdout=quiet)


def _serve(children: list[subprocess.Popen[bytes]], port: int, password_file: Path) -> int:
    """Say where the site is once it answers, then wait for a signal or for the end of a child."""
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    announced = False
    while not stopped:
        if any(child.poll() is not None for child in children):
            print("A process of the site ended by itself; see what it said above.", file=sys.stderr)
            return 1
        if not announced and (announced := _answers(port)):
            from clinic.management.commands.ensure_local_staff import EMAIL

            print(f"The site:     http://127.0.0.1:{port}/")
            print(f"Review desk:  http://127.0.0.1:{port}/admin/   {EMAIL}   {password_file.read_text().strip()}")
            print("Ctrl-C stops it.", flush=True)
        time.sleep(0.1)
    return 0


def _answers(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/healthz"
        return bool(urllib.request.urlopen(url, timeout=1).status == 200)  # nosec B310 # always http
    except OSError:
        return False


def manage(args: list[str], port: int) -> None:
    """Run one management command against the local state."""
    state = state_folder()
    server = Server(state / "postgres")
    started = server.start()
    try:
        url = server.url() if OWNERS.intersection(args) else server.url(ROLE)
        os.environ.update(environment(state, url, port))
        from django.core.management import call_command, execute_from_command_line

        execute_from_command_line(["manage.py", *args])
        if args[:1] == ["migrate"]:
            call_command("grant_application_role", ROLE, stdout=StringIO())
    finally:
        if started:
            server.stop()


def main() -> int:
    logs.take_over()
    port = int(os.environ.get("PORT") or 8000)
    try:
        if sys.argv[1:2] == ["run"]:
            return run(port)
        manage(sys.argv[2:], port)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
