"""The machines of docs/deploy.md, set up by the very files of deploy/failover, in which only paths are other ones."""

import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks import production
from tests.mail import MailServer
from tests.processes import wait_for
from tests.resilience.machines.hosts import GATEWAY, Host, Service
from tests.resilience.stack import ROOT, wait_until
from tests.scan import proxy

DEPLOY = ROOT / "deploy"
ADDRESSES = {
    "proxy": "10.0.0.10",
    "web1": "10.0.0.11",
    "web2": "10.0.0.12",
    "db1": "10.0.0.21",
    "db2": "10.0.0.22",
}
DATABASES = ("db1", "db2")
KEYED = ("proxy", *DATABASES)  # where etcd runs
POSTGRES = "/usr/lib/postgresql/15/bin"
SITE = "www.example.org"


PACKAGES = {  # of Debian, by a program of each
    "patroni": "patroni python3-etcd",
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "nginx": "nginx-light",
    "ip": "iproute2",
    f"{POSTGRES}/postgres": "postgresql-15",
}


class Machines:
    def __init__(self, folder: Path) -> None:
        path = f"{os.environ['PATH']}:/usr/sbin"
        if missing := [package for program, package in PACKAGES.items() if not shutil.which(program, path=path)]:
            sys.exit(f"This needs, as root on Debian 12: apt-get install --no-install-recommends {' '.join(missing)}")
        self.folder = folder
        self.hosts = {name: Host(name, address, folder) for name, address in ADDRESSES.items()}
        self.passwords = {name: secrets.token_urlsafe(24) for name in ("app", "owner", "1", "2", "3")}
        self._certify()

    def _certify(self) -> None:
        """What is in each machine's /etc/clinic/tls, and what the mail server shows."""
        made = self.folder / "certificates"
        made.mkdir()
        pairs = [part for name in KEYED for part in (name, ADDRESSES[name])]
        subprocess.run([DEPLOY / "failover/certificates", *pairs, "mail", GATEWAY], cwd=made, check=True)
        for name, host in self.hosts.items():
            tls = host.folder / "tls"
            tls.mkdir()
            shutil.copy(made / "ca.pem", tls)
            (tls / "ca.pem").chmod(0o644)
            if name in KEYED:
                for kind in ("pem", "key"):
                    shutil.copy(made / f"{name}.{kind}", tls / f"host.{kind}")
                    shutil.chown(tls / f"host.{kind}", "root", "ssl-cert")
                    (tls / f"host.{kind}").chmod(0o640)

    def url(self, role: str, place: str, options: str = "") -> str:
        return f"postgres://clinic_{role}:{self.passwords[role]}@{place}/clinic{options}"

    @property
    def owner_url(self) -> str:
        """From outside, of whichever machine takes writes."""
        machines = f"host={ADDRESSES['db1']},{ADDRESSES['db2']}&target_session_attrs=read-write"
        return self.url("owner", "", f"?{machines}&sslmode=verify-full&sslrootcert={self.folder}/certificates/ca.pem")

    def start_database(self) -> None:
        """etcd on three machines, Patroni on two, and in the database what docs/deploy.md has made by hand."""
        for name in KEYED:
            self._start_etcd(self.hosts[name])
        wait_until(lambda: all(_listens(ADDRESSES[name], 2379) for name in KEYED))
        for name in DATABASES:
            self._start_patroni(self.hosts[name])
        wait_until(lambda: self.leader and self.standby)
        for role in ("owner", "app"):
            self._sql(f"CREATE ROLE clinic_{role} LOGIN PASSWORD '{self.passwords[role]}'")
            self._sql(f"ALTER ROLE clinic_{role} SET log_min_messages = log")
        encoding = "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        self._sql(f"CREATE DATABASE clinic OWNER clinic_owner {encoding}")

    def _start_etcd(self, host: Host) -> None:
        self._state(host, "etcd", "etcd")
        settings = _environment(self._documented(host, "etcd"))
        host.add(Service("etcd", ["/usr/bin/etcd"], "etcd", settings))

    def _start_patroni(self, host: Host) -> None:
        for name in ("postgres", "socket"):
            self._state(host, name, "postgres")
        settings = _environment(self._documented(host, "patroni.env"))
        config = self._write(host, "patroni.yml")
        host.add(Service("patroni", ["/usr/bin/patroni", config], "postgres", settings))

    def start_site(self, mail: MailServer) -> None:
        """With the settings of this process, but for these."""
        self.mail = mail
        own = {
            "DATABASE_URL": self.url("app", "127.0.0.1:6432", "?disable_server_side_cursors=true"),
            "EMAIL_URL": f"smtp+ssl://{mail.host}:{mail.port}",
            "SSL_CERT_FILE": f"{self.folder}/certificates/ca.pem",  # who signed the mail server's
        }
        for name in ("web1", "web2"):
            self._start_web(self.hosts[name], own)
        self._start_proxy(self.hosts["proxy"])
        owner = self.url("owner", "127.0.0.1:5000", f"?sslmode=verify-ca&sslrootcert={self.folder}/web1/tls/ca.pem")
        self.hosts["web1"].run([sys.executable, "manage.py", "migrate", "--check"], {"DATABASE_URL": owner})
        for name in ("web1", "web2"):
            wait_for(Request(f"http://{ADDRESSES[name]}:8000/readyz", headers={"Host": SITE}))

    def end(self) -> None:
        for host in self.hosts.values():
            host.kill()

    def switch_over(self) -> None:
        """As a person does who wants to work on the machine of the primary."""
        leader, standby = self.leader, self.standby
        patroni = self.hosts[leader].services["patroni"]
        command = ["patronictl", "-c", patroni.command[-1], "switchover", "--force"]
        command += ["--master", leader, "--candidate", standby]
        self.hosts[leader].run(command, patroni.environment)

    def _start_web(self, host: Host, settings: dict[str, str]) -> None:
        haproxy = self._write(host, "haproxy.cfg")
        host.add(Service("haproxy", ["/usr/sbin/haproxy", "-db", "-f", haproxy]))
        users = f'"clinic_app" "{self.passwords["app"]}"\n'
        (host.folder / "userlist.txt").write_text(users)
        pgbouncer = self._write(host, "pgbouncer.ini")
        shutil.chown(host.folder, "postgres")  # its log
        host.add(Service("pgbouncer", ["/usr/sbin/pgbouncer", pgbouncer], "postgres"))
        web = [sys.executable, "-m", "granian", *production.options(8000)]
        host.add(Service("web", web, environment=settings | {"GRANIAN_HOST": host.address}))
        host.add(Service("worker", [sys.executable, "manage.py", "deliver"], environment=settings))

    def _start_proxy(self, host: Host) -> None:
        upstream = (DEPLOY / "failover/upstream.conf").read_text()
        text = re.sub(r"(?ms)^upstream clinic \{.*?^\}", upstream, (DEPLOY / "nginx.conf").read_text())
        assert upstream in text
        site = proxy.placed(text, host.folder, *production.certified(host.folder))
        host.add(Service("nginx", proxy.command(host.folder, site)))

    def _documented(self, host: Host, name: str) -> str:
        """The file, with the machine's own address, paths in its folder and passwords."""
        text = (DEPLOY / "failover" / name).read_text()
        own = re.compile(r"(?m)^(PATRONI|ETCD(?!_INITIAL_CLUSTER=)).*(db1|10\.0\.0\.21).*$")
        text = own.sub(lambda line: line[0].replace("db1", host.name).replace(ADDRESSES["db1"], host.address), text)
        paths = {
            "/etc/clinic": "",
            "/etc/pgbouncer": "",
            "/var/log/postgresql": "",
            "/var/lib/etcd/clinic": "/etcd",
            "/var/lib/postgresql/15/clinic": "/postgres/data",
            "/var/lib/postgresql": "/postgres",
            "/var/run/postgresql": "/socket",
        }
        for path, here in paths.items():
            text = text.replace(path, f"{host.folder}{here}")
        return re.sub(r"replace-me-(\d)", lambda found: self.passwords[found[1]], text)

    def _write(self, host: Host, name: str) -> Path:
        path = host.folder / name
        path.write_text(self._documented(host, name))
        return path

    @staticmethod
    def _state(host: Host, name: str, user: str) -> None:
        (host.folder / name).mkdir(mode=0o700)
        shutil.chown(host.folder / name, user, user)

    @property
    def roles(self) -> dict[str, str]:
        """leader, and sync_standby or replica, as the leader's Patroni has it: what the other one knows may be old."""
        for name in DATABASES:
            with suppress(OSError):
                url = f"https://{ADDRESSES[name]}:8008/cluster"
                with urlopen(url, timeout=1, context=ssl._create_unverified_context()) as answer:
                    found = {member["name"]: member["role"] for member in json.load(answer)["members"]}
                if found.get(name) == "leader":
                    return found
        return {}

    @property
    def leader(self) -> str:
        return next((name for name, role in self.roles.items() if role == "leader"), "")

    @property
    def standby(self) -> str:
        """The one without which nothing is acknowledged; empty where there is none."""
        return next((name for name, role in self.roles.items() if role == "sync_standby"), "")

    @property
    def rewound(self) -> int:
        logs = [self.hosts[name].folder / "patroni.out" for name in DATABASES]
        return sum(log.read_text().count("pg_rewind exit code=0") for log in logs)

    def _sql(self, statement: str) -> str:
        """What the superuser is told, at the socket of the machine that takes writes."""
        leader = self.hosts[self.leader]
        arguments = ["-h", leader.folder / "socket", "-At", "-v", "ON_ERROR_STOP=1", "-c", statement, "postgres"]
        command = ["runuser", "-u", "postgres", "--", f"{POSTGRES}/psql", *arguments]
        return subprocess.run(command, cwd="/", capture_output=True, text=True, check=True).stdout.strip()


def _environment(text: str) -> dict[str, str]:
    """As systemd reads such a file."""
    return dict(re.findall(r"(?m)^(\w+)=(.*)$", text))


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False
