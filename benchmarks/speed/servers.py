"""The site and what it is compared with, each as processes of its own on the core of the servers."""

import getpass
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import production
from clinic.postgres import OWNER, Server
from tests.processes import free_port, wait_for

HERE = Path(__file__).resolve().parent
HOST = "www.example.org"
GUNICORN = ["--workers", "1", "--threads", "4", "--keep-alive", "30"]  # as many processes and threads
WAGTAIL = ("wagtail==8.0.1", "gunicorn==27.0.1")  # the newest; with the site's own Django and psycopg2
OF_THE_SERVER = ("server", "date", "connection")  # headers
TOOLS = production.ROOT / "var" / "bench" / WAGTAIL[0]  # stays for the next run
NGINX = """
user {user};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
    types {{ text/html html; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/pages;
        gzip_static on;
    }}
}}
"""


@dataclass(frozen=True)
class Web:
    port: int
    pid: int

    def fetch(self, path: str, **headers: str) -> bytes:
        """The body as it is sent, compressed or not."""
        return self.ask(path, **headers)[0]

    def ask(self, path: str, **headers: str) -> tuple[bytes, list[tuple[str, str]]]:
        """The body as it is sent, and what the application said of it."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        answer = urllib.request.urlopen(request, timeout=20)
        return answer.read(), [pair for pair in answer.getheaders() if pair[0].lower() not in OF_THE_SERVER]


@contextmanager
def served(
    command: list[str], port: int, path: str, folder: Path, environment: Mapping[str, str], quiet: bool = False
) -> Iterator[Web]:
    """A `quiet` server's log is lost."""
    log = subprocess.DEVNULL if quiet else None
    web = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stderr=log)
    try:
        wait_for(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": HOST}))
        yield Web(port, web.pid)
    finally:
        web.terminate()
        web.wait(20)


@contextmanager
def granian(application: str, path: str, quiet: bool = False, **environment: str) -> Iterator[Web]:
    """On the options of a server, whatever it serves."""
    port = free_port()
    command = [sys.executable, "-m", "granian", *production.options(port, application=application)]
    with served(command, port, path, production.ROOT, environment, quiet) as web:
        yield web


@contextmanager
def plain(folder: Path, middleware: str) -> Iterator[Web]:
    """Django without anything of ours, on the server that the site has; texts.json is in the folder."""
    environment = {"RIVAL_FOLDER": str(folder), "RIVAL_MIDDLEWARE": middleware}
    with granian("benchmarks.speed.plain:application", "/empty/", **environment) as web:
        yield web


@contextmanager
def constant(folder: Path, page: bytes, headers: list[tuple[str, str]]) -> Iterator[Web]:
    """The site's server, with `page` and nothing else."""
    (folder / "constant.page").write_bytes(page)
    (folder / "constant.json").write_text(json.dumps(headers), encoding="utf-8")
    with granian("benchmarks.speed.constant:application", "/", RIVAL_FOLDER=str(folder)) as web:
        yield web


@contextmanager
def site(folder: Path, database: Server, quiet: bool = False) -> Iterator[Web]:
    """The site behind a proxy on this machine, with its start texts. Sets the environment, and Django up with it."""
    os.environ.update(production.environment(folder, database.url(), 443))
    os.environ.update({"SITE_URL": f"https://{HOST}", "ALLOWED_HOSTS": HOST, "TRUSTED_PROXIES": "127.0.0.0/8"})
    production.prepare()
    with granian(production.APPLICATION, "/healthz", quiet) as web:
        yield web


@contextmanager
def nginx(folder: Path, page: bytes) -> Iterator[Web]:
    """nginx with `page`, which is gzipped, as a file."""
    port, pages = free_port(), folder / "pages"
    pages.mkdir()
    (pages / "page.html.gz").write_bytes(page)
    (pages / "page.html").write_bytes(b"")  # for whoever reads no gzip: nobody but the wait for the start
    settings = folder / "nginx.conf"
    settings.write_text(NGINX.format(user=getpass.getuser(), folder=folder, port=port))
    with served([program("nginx"), "-c", str(settings), "-p", str(folder)], port, "/page.html", folder, {}) as web:
        yield web


@contextmanager
def wagtail(folder: Path, database: Server) -> Iterator[Web]:
    """A project as `wagtail start` makes it, with our texts, on the same PostgreSQL."""
    port, project = free_port(), folder / "rival"
    programs = _wagtail_programs()
    _write_project(programs, project)
    environment = {
        "DJANGO_SETTINGS_MODULE": "rival.settings.production",
        "RIVAL_SOCKET": str(database.socket),
        "RIVAL_USER": OWNER,
        "RIVAL_FOLDER": str(folder),
    }
    for arguments in (["makemigrations", "pages"], ["migrate"], ["collectstatic", "--noinput"]):
        _manage(programs, project, environment, *arguments, "--verbosity", "0")
    fill = (project / "pages" / "fill.py").read_text(encoding="utf-8")
    _manage(programs, project, environment, "shell", "--verbosity", "0", "--command", fill)
    command = [str(programs / "gunicorn"), *GUNICORN, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    with served([*command, "rival.wsgi:application"], port, "/text/", project, environment) as web:
        yield web


def _wagtail_programs() -> Path:
    """Wagtail and gunicorn in a virtual environment of their own, from pip."""
    programs = TOOLS / "bin"
    if not (programs / "wagtail").exists():
        print(f"Installing Wagtail into {TOOLS}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", TOOLS], check=True)
        own = production.ROOT / "requirements.txt"
        same = [line.split()[0] for line in own.read_text().splitlines() if line.startswith(("Django==", "psycopg2"))]
        install = [programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *WAGTAIL, *same], check=True)
    return programs


def _write_project(programs: Path, project: Path) -> None:
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    subprocess.run([programs / "wagtail", "start", "rival", project], check=True, stdout=subprocess.DEVNULL)
    shutil.copy(HERE / "wagtail" / "local.py", project / "rival" / "settings")
    shutil.copytree(HERE / "wagtail" / "pages", project / "pages", ignore=shutil.ignore_patterns("__pycache__"))


def _manage(programs: Path, project: Path, environment: Mapping[str, str], *arguments: str) -> None:
    command = [programs / "python", "manage.py", *arguments]
    subprocess.run(command, cwd=project, env=os.environ | environment, check=True)


def program(name: str, *folders: Path) -> str:
    """Where it is; otherwise say what to install."""
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    if found := shutil.which(name) or shutil.which(name, path="/usr/sbin"):
        return found
    raise SystemExit(f"{name} is missing. On Debian and Ubuntu: apt-get install {PACKAGES[name]}")


PACKAGES = {"nginx": "nginx", "wrk": "wrk", "pgbench": "postgresql"}
