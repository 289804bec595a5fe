"""Two web machines, two of the database and a proxy, with a network between them: `many` in place of `stack`."""

import logging
import os
import shutil
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import production
from tests.mail import MailServer
from tests.processes import free_port
from tests.resilience.machines.hosts import GATEWAY, network
from tests.resilience.machines.set_up import ADDRESSES, SITE, Machines
from tests.resilience.stack import settle

PACKAGES = {  # of Debian 12, by a program of each
    "patroni": "patroni python3-etcd",
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "nginx": "nginx-light",
    "ip": "iproute2",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
}


@contextmanager
def many(folder: Path) -> Iterator[Machines]:
    """All of it runs, over a database with the start texts. Sets Django up."""
    _look_for_packages()
    logging.disable()  # of this process; those of the site have logs of their own
    folder.chmod(0o755)  # each program is another user
    network()
    machines = Machines(folder)
    try:
        machines.start_database()
        os.environ.update(production.environment(folder, machines.owner_url, 443))
        os.environ.update(SITE_URL=f"https://{SITE}", ALLOWED_HOSTS=SITE, TRUSTED_PROXIES=ADDRESSES["proxy"])
        production.prepare()
        settle()
        machines.start_site(_mail_server(folder))
        yield machines
    finally:
        machines.end()


def _look_for_packages() -> None:
    path = f"{os.environ['PATH']}:/usr/sbin"
    if missing := [package for program, package in PACKAGES.items() if not shutil.which(program, path=path)]:
        sys.exit(f"This needs, as root on Debian 12: apt-get install --no-install-recommends {' '.join(missing)}")


def _mail_server(folder: Path) -> MailServer:
    """Over TLS, because it is on another machine than the site."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "certificates/mail.pem", folder / "certificates/mail.key")
    server = MailServer(free_port(), host=GATEWAY, tls=tls)
    server.start()
    return server
