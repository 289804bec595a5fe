"""The site as it runs in production, on this computer: https with a certificate of its own, collected static files."""

import base64
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import IO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clinic.postgres import Server
from tests.processes import wait_for

ROOT = Path(__file__).resolve().parent.parent
APPLICATION = "clinic.wsgi:application"


@contextmanager
def site(folder: Path, port: int) -> Iterator[str]:
    """Serve the start texts from an empty database; the address. Sets the environment, and Django up with it.

    granian stands for the proxy as well, and speaks HTTP/2 with visitors as that does.
    """
    certificate, key = certified(folder)
    secure = options(port, "--ssl-certificate", str(certificate), "--ssl-keyfile", str(key), "--http", "auto")
    with prepared(folder, port), serving(secure, f"https://localhost:{port}/healthz"):
        yield f"https://localhost:{port}"


@contextmanager
def prepared(folder: Path, port: int) -> Iterator[Server]:
    """The database of a site whose visitors come to this port. Sets the environment, and Django up with it."""
    server = Server(folder / "postgres")
    server.start()
    try:
        os.environ.update(environment(folder, server.url(), port))
        prepare()
        yield server
    finally:
        server.stop()


@contextmanager
def serving(options: list[str], health: str, log: IO[bytes] | None = None) -> Iterator[None]:
    """granian with these options, once it answers; what it says goes to `log`."""
    web = subprocess.Popen([sys.executable, "-m", "granian", *options], cwd=ROOT, stdout=log, stderr=log)
    try:
        wait_for(health)
        yield
    finally:
        web.terminate()
        web.wait(20)


def environment(folder: Path, database_url: str, port: int) -> dict[str, str]:
    return {
        "LOCAL": "",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "localhost",
        "SITE_URL": f"https://localhost:{port}",
        "DATABASE_URL": database_url,
        "EMAIL_URL": "memorymail://",
        "DJANGO_SETTINGS_MODULE": "benchmarks.production_settings",
        "BENCHMARK_STATIC": str(folder / "static"),
    }


def prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    for command in ("load_pages", "load_questionnaires"):
        call_command(command, stdout=StringIO())
    call_command("collectstatic", interactive=False, verbosity=0)


def options(port: int, *more: str, application: str = APPLICATION) -> list[str]:
    """What granian is started with on a server, in the project's folder. What `more` says again is taken from there."""
    unit = (ROOT / "deploy" / "systemd" / "clinic-web@.service").read_text(encoding="utf-8")
    found = re.search(rf"^ExecStart=\S+/granian (.+) {re.escape(APPLICATION)}$", unit, re.MULTILINE)
    assert found
    return [*found[1].replace("%i", str(port)).split(), *more, application]


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody has signed, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=7))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return files
