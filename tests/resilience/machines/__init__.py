"""Two web machines, two of the database and a proxy, with a network between them: `many` in place of `stack`."""

import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import production
from tests.mail import MailServer
from tests.processes import free_port
from tests.resilience.machines.hosts import GATEWAY, network
from tests.resilience.machines.set_up import ADDRESSES, SITE, Machines
from tests.resilience.stack import settle


@contextmanager
def many(folder: Path) -> Iterator[Machines]:
    """All of it runs, over a database with the start texts. Sets Django up."""
    logging.disable()
    folder.chmod(0o755)
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


def _mail_server(folder: Path) -> MailServer:
    """Over TLS, because it is on another machine than the site."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "certificates/mail.pem", folder / "certificates/mail.key")
    server = MailServer(free_port(), host=GATEWAY, tls=tls)
    server.start()
    return server
