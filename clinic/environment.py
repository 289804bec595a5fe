"""Reading the environment so that a forgotten or malformed setting stops the start with a sentence."""

import base64
import binascii
import warnings
from ipaddress import ip_network
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host
from environ import Env

from clinic.crypto import key_id

PRINTABLE = frozenset(range(0x20, 0x7F))  # of 10**13 random keys, less than one has no other byte
DIFFERENT_BYTES = 16  # of the 32 of a random key, about 30 differ
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
HERE = LOOPBACK | {"", "::1"}  # no host is PostgreSQL's own socket

# With the database: until its machine, or the way there, is taken to be gone. clinic/waiting.py has the rest.
PATIENCE = {
    "connect_timeout": 5,  # seconds, as in the next two
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}

HOW_TO = {
    "SECRET_KEY": "a secret of 50 characters or more; make one with "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
    "FIELD_KEYS": "the keys that encrypt patient data, newest first, separated by commas; make one with "
    "python3 -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())'",
    "ALLOWED_HOSTS": "the host names that the site answers to, separated by commas, such as www.example.org",
    "DATABASE_URL": "the PostgreSQL database, such as postgres://user:password@db.example.org:5432/clinic",
    "SITE_URL": "the address that visitors use, such as https://www.example.org",
    "EMAIL_URL": "the mail server, such as smtp+tls://user:password@mail.example.org:587",
}


def required(env: Env, name: str) -> str:
    """Return the setting's text; a missing or empty one raises ImproperlyConfigured with what to set."""
    value = str(env.str(name, default="")).strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set it to {HOW_TO[name]}.")
    return value


def flag(env: Env, name: str) -> bool:
    value = str(env.str(name, default="")).strip().lower()
    if value not in {"", "0", "1", "false", "true", "no", "yes", "off", "on"}:
        raise ImproperlyConfigured(f"{name} is malformed. Set it to 1 or 0, or leave it out.")
    return value in {"1", "true", "yes", "on"}


def secret_key(env: Env) -> str:
    value = required(env, "SECRET_KEY")
    if len(value) < 50:
        raise ImproperlyConfigured(f"SECRET_KEY is too short. Set it to {HOW_TO['SECRET_KEY']}.")
    return value


def field_keys(env: Env, *, local: bool) -> tuple[bytes, ...]:
    """Return the master keys, newest first, 32 bytes each. The message never repeats a key."""
    parts = [part.strip() for part in required(env, "FIELD_KEYS").split(",")]
    keys = tuple(_field_key(part, position, local=local) for position, part in enumerate(parts, start=1))
    for position, key in enumerate(keys, start=1):
        if key in keys[: position - 1]:
            raise ImproperlyConfigured(f"FIELD_KEYS: key {position} is there twice. Remove one of them.")
        if key_id(key) in map(key_id, keys[: position - 1]):
            raise ImproperlyConfigured(
                f"FIELD_KEYS: key {position} has the same short name as a key before it, so that values could not be "
                "told apart. Make another key in place of the newer one, before anything is encrypted with it."
            )
    return keys


def _field_key(text: str, position: int, *, local: bool) -> bytes:
    """Decode one key. Outside a trial it must look random: words and examples, such as the tests' keys, do not."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    how_to = f"Set FIELD_KEYS to {HOW_TO['FIELD_KEYS']}."
    if len(key) != 32:
        raise ImproperlyConfigured(f"FIELD_KEYS: key {position} is not 32 bytes in base64. {how_to}")
    if not local and (set(key) <= PRINTABLE or len(set(key)) < DIFFERENT_BYTES):
        raise ImproperlyConfigured(f"FIELD_KEYS: key {position} is no random key. {how_to}")
    return key


def allowed_hosts(env: Env, *, local: bool) -> list[str]:
    hosts = [host.strip() for host in required(env, "ALLOWED_HOSTS").split(",") if host.strip()]
    if local and not LOOPBACK.issuperset(hosts):
        raise ImproperlyConfigured(
            "LOCAL is for trials on this computer only: with it, ALLOWED_HOSTS may name localhost, 127.0.0.1 "
            "and [::1] and nothing else. Unset LOCAL, or correct ALLOWED_HOSTS."
        )
    if not local and any("*" in host for host in hosts):
        raise ImproperlyConfigured(f"ALLOWED_HOSTS has a wildcard. Set it to {HOW_TO['ALLOWED_HOSTS']}.")
    return hosts


def site_url(env: Env, *, local: bool, hosts: list[str]) -> str:
    url = required(env, "SITE_URL").rstrip("/")
    scheme, _, address = url.partition("://")
    host = _host(url)
    if scheme not in ({"http", "https"} if local else {"https"}) or not host or not set("/?#@ ").isdisjoint(address):
        raise ImproperlyConfigured(f"SITE_URL is malformed. Set it to {HOW_TO['SITE_URL']}.")
    if not validate_host(f"[{host}]" if ":" in host else host, hosts):
        raise ImproperlyConfigured("SITE_URL names a host that ALLOWED_HOSTS does not. Correct one of them.")
    return url


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def database(env: Env) -> dict[str, Any]:
    """Return Django's settings of the database. No message repeats the address, which holds a password."""
    url = required(env, "DATABASE_URL")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about an unknown scheme, which is refused below
            found: dict[str, Any] = env.db_url_config(url)
    except (ValueError, ImproperlyConfigured):
        found = {}
    if found.get("ENGINE") != "django.db.backends.postgresql" or not found.get("NAME"):
        raise ImproperlyConfigured(f"DATABASE_URL is not PostgreSQL. Set it to {HOW_TO['DATABASE_URL']}.")
    options = found.get("OPTIONS", {})
    found["OPTIONS"] = {**PATIENCE, **_certificate(found["HOST"], options), **options}
    return {**found, "ENGINE": "clinic.database", "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def _certificate(host: str, options: dict[str, Any]) -> dict[str, str]:
    """Ask a database on another machine for a certificate in its name, where its address does not say otherwise."""
    if host in HERE or host.startswith("/") or "sslmode" in options:
        return {}
    return {"sslmode": "verify-full", "sslrootcert": "system"}


def mail(env: Env, *, local: bool) -> dict[str, Any]:
    """Return Django's settings of the mail server, by name. The path of filemail:///var/mail is absolute.

    Django checks the certificate of a server that it speaks TLS with.
    """
    url = required(env, "EMAIL_URL")
    try:
        found: dict[str, Any] = env.email_url_config(url)
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"EMAIL_URL is malformed. Set it to {HOW_TO['EMAIL_URL']}.") from None
    if found["EMAIL_BACKEND"].endswith("smtp.EmailBackend") and not found["EMAIL_HOST"]:
        raise ImproperlyConfigured(f"EMAIL_URL names no server. Set it to {HOW_TO['EMAIL_URL']}.")
    if not local and _sends_in_the_clear(found):
        raise ImproperlyConfigured(f"EMAIL_URL would send in the clear. Set it to {HOW_TO['EMAIL_URL']}.")
    return {**found, "EMAIL_FILE_PATH": unquote(urlsplit(url).path)}


def _sends_in_the_clear(found: dict[str, Any]) -> bool:
    encrypted = found.get("EMAIL_USE_TLS") or found.get("EMAIL_USE_SSL")
    return found["EMAIL_BACKEND"].endswith("smtp.EmailBackend") and not encrypted and found["EMAIL_HOST"] not in HERE


def sender(site: str) -> str:
    """Return the address that e-mails come from, without a name: the clinic's own would tell what it treats."""
    host = _host(site)
    return f"no-reply@{'localhost' if ':' in host or host[-1:].isdigit() else host}"


def trusted_proxies(env: Env) -> tuple[str, ...]:
    """Return the networks whose X-Forwarded-For and X-Forwarded-Proto count; empty by default."""
    networks = [str(network).strip() for network in env.list("TRUSTED_PROXIES", default=[])]
    try:
        return tuple(str(ip_network(network)) for network in networks if network)
    except ValueError:
        raise ImproperlyConfigured(
            "TRUSTED_PROXIES is malformed. Set it to addresses or networks separated by commas, such as 10.0.0.0/8."
        ) from None
