"""The machines of docs/deploy.md and what runs on each, in the order in which that page sets them up."""

import json
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from benchmarks import production
from tests.mail import MailServer
from tests.processes import wait_for
from tests.resilience.machines import files
from tests.resilience.machines.hosts import Host, Service
from tests.resilience.stack import wait_until
from tests.scan import proxy

ADDRESSES = {
    "proxy": "10.0.0.10",
    "web1": "10.0.0.11",
    "web2": "10.0.0.12",
    "db1": "10.0.0.21",
    "db2": "10.0.0.22",
}
WEB, DATABASES = ("web1", "web2"), ("db1", "db2")
KEYED = ("proxy", *DATABASES)  # where etcd runs
PSQL = "/usr/lib/postgresql/15/bin/psql"
SITE = "www.example.org"


class Machines:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts = {name: Host(name, address, folder) for name, address in ADDRESSES.items()}
        self.passwords = {name: secrets.token_urlsafe(24) for name in ("app", "owner", "1", "2", "3")}
        files.certify(folder / "certificates", self.hosts.values(), [self.hosts[name] for name in KEYED])

    def url(self, role: str, place: str, options: str) -> str:
        return f"postgres://clinic_{role}:{self.passwords[role]}@{place}/clinic?{options}"

    @property
    def owner_url(self) -> str:
        """From outside, of whichever machine takes writes."""
        machines = f"host={ADDRESSES['db1']},{ADDRESSES['db2']}&target_session_attrs=read-write"
        return self.url("owner", "", f"{machines}&sslmode=verify-full&sslrootcert={self.folder}/certificates/ca.pem")

    def start_database(self) -> None:
        for name in KEYED:
            self._start_etcd(self.hosts[name])
        wait_until(lambda: all(_listens(ADDRESSES[name], 2379) for name in KEYED))
        for name in DATABASES:
            self._start_patroni(self.hosts[name])
        wait_until(lambda: self.standby)
        for role in ("owner", "app"):
            self._sql(f"CREATE ROLE clinic_{role} LOGIN PASSWORD '{self.passwords[role]}'")
            self._sql(f"ALTER ROLE clinic_{role} SET log_min_messages = log")
        self._sql("CREATE DATABASE clinic OWNER clinic_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")

    def _start_etcd(self, host: Host) -> None:
        files.state(host, "etcd", "etcd")
        settings = files.environment(files.documented(host, "etcd", self.passwords))
        host.add(Service("etcd", ["/usr/bin/etcd"], "etcd", settings))

    def _start_patroni(self, host: Host) -> None:
        for name in ("postgres", "socket"):
            files.state(host, name, "postgres")
        settings = files.environment(files.documented(host, "patroni.env", self.passwords))
        host.add(Service("patroni", ["/usr/bin/patroni", files.written(host, "patroni.yml")], "postgres", settings))

    def start_site(self, mail: MailServer) -> None:
        """With the settings of this process, but for these."""
        self.mail = mail
        own = {
            "DATABASE_URL": self.url("app", "127.0.0.1:6432", "disable_server_side_cursors=true"),
            "EMAIL_URL": f"smtp+ssl://{mail.host}:{mail.port}",
            "SSL_CERT_FILE": f"{self.folder}/certificates/ca.pem",  # of who signed the mail server's
        }
        for name in WEB:
            self._start_web(self.hosts[name], own)
        proxy_host = self.hosts["proxy"]
        site = proxy.placed(files.proxy_text(), proxy_host.folder, *production.certified(proxy_host.folder))
        proxy_host.add(Service("nginx", proxy.command(proxy_host.folder, site)))
        for name in WEB:
            wait_for(Request(f"http://{ADDRESSES[name]}:8000/readyz", headers={"Host": SITE}))
        self._ask_as_owner(self.hosts["web1"])

    def _start_web(self, host: Host, settings: dict[str, str]) -> None:
        host.add(Service("haproxy", ["/usr/sbin/haproxy", "-db", "-f", files.written(host, "haproxy.cfg")]))
        (host.folder / "userlist.txt").write_text(f'"clinic_app" "{self.passwords["app"]}"\n')
        shutil.chown(host.folder, "postgres")  # for PgBouncer's log
        host.add(Service("pgbouncer", ["/usr/sbin/pgbouncer", files.written(host, "pgbouncer.ini")], "postgres"))
        web = [sys.executable, "-m", "granian", *production.options(8000)]
        host.add(Service("web", web, environment=settings | {"GRANIAN_HOST": host.address}))
        host.add(Service("worker", [sys.executable, "manage.py", "deliver"], environment=settings))

    def _ask_as_owner(self, host: Host) -> None:
        """By the way that migrations and backups take."""
        url = self.url("owner", "127.0.0.1:5000", f"sslmode=verify-ca&sslrootcert={host.folder}/tls/ca.pem")
        host.run([sys.executable, "manage.py", "migrate", "--check"], {"DATABASE_URL": url})

    def end(self) -> None:
        for host in self.hosts.values():
            host.kill()

    def switch_over(self) -> None:
        """As a person does who wants to work on the machine of the primary."""
        leader, standby = self.leader, self.standby
        patroni = self.hosts[leader].services["patroni"]
        told = ["switchover", "--force", "--master", leader, "--candidate", standby]
        self.hosts[leader].run(["patronictl", "-c", patroni.command[-1], *told], patroni.environment)

    @property
    def roles(self) -> dict[str, str]:
        """leader, and sync_standby or replica, as the primary's Patroni has it: what another one knows may be old."""
        for name in DATABASES:
            with suppress(OSError):
                _ask_patroni(name, "primary")  # an error, unless it holds the lease
                return {member["name"]: member["role"] for member in _ask_patroni(name, "cluster")["members"]}
        return {}

    @property
    def leader(self) -> str:
        return self._who("leader")

    @property
    def standby(self) -> str:
        """The one without which nothing is acknowledged; empty where there is none."""
        return self._who("sync_standby")

    def _who(self, wanted: str) -> str:
        return next((name for name, role in self.roles.items() if role == wanted), "")

    @property
    def rewound(self) -> int:
        logs = [self.hosts[name].folder / "patroni.out" for name in DATABASES]
        return sum(log.read_text().count("pg_rewind exit code=0") for log in logs)

    def _sql(self, statement: str) -> None:
        """Said by the superuser, at the socket of the machine that takes writes."""
        socket_folder = self.hosts[self.leader].folder / "socket"
        command = [PSQL, "-h", socket_folder, "-v", "ON_ERROR_STOP=1", "-c", statement, "postgres"]
        subprocess.run(["runuser", "-u", "postgres", "--", *command], cwd="/", capture_output=True, check=True)


def _ask_patroni(name: str, what: str) -> Any:
    url = f"https://{ADDRESSES[name]}:8008/{what}"
    with urlopen(url, timeout=1, context=ssl._create_unverified_context()) as answer:
        return json.load(answer)


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False
