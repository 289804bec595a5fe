"""The site as visitors reach it: through the proxy, by the address that SITE_URL says."""

import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import ip_network
from urllib.parse import urlsplit

from django.conf import settings

from clinic import unnamed
from clinic.doctor import look
from clinic.doctor.reasons import reason
from clinic.metrics import PATH
from clinic.models import AuditEvent
from clinic.networks import address_of, is_in, trusted_proxies

SECONDS = 10  # for an answer
DAYS_LEFT = 14  # what renews certificates does it 30 days before
LATELY = timedelta(days=7)
NO_ANSWER = (OSError, HTTPException)


@look("certificate", in_trial=False)
def certificate() -> Iterator[str]:
    line = _secure()
    try:
        line.connect()
        days = (_end(line.sock) - time.time()) / 86_400
    except NO_ANSWER as error:
        yield f"{settings.SITE_URL} cannot be reached with https: {reason(error)}."
    else:
        if days < DAYS_LEFT:
            yield f"The certificate of {settings.SITE_URL} ends in {days:.0f} days. Is it renewed?"
    finally:
        line.close()


def _end(sock: ssl.SSLSocket) -> float:
    found = sock.getpeercert()
    assert found
    return ssl.cert_time_to_seconds(str(found["notAfter"]))


@look("address", in_trial=False)
def address() -> Iterator[str]:
    try:
        health, figures = _ask(_secure(), "/healthz"), _ask(_secure(), PATH)
    except NO_ANSWER:  # "certificate" says why
        return
    if health.status != 200:
        yield f"{settings.SITE_URL}/healthz answers {health.status}: the proxy does not reach the site."
    elif f"max-age={settings.SECURE_HSTS_SECONDS}" not in (health.headers["Strict-Transport-Security"] or ""):
        yield "The answers do not bind browsers to https: the site believes no proxy that it was asked so."
    if figures.status == 200:
        yield f"Everybody can read {PATH}: the proxy passes no X-Forwarded-Proto on."


@look("plain http", in_trial=False)
def plain_http(port: int = 80) -> Iterator[str]:
    host = urlsplit(settings.SITE_URL).hostname or ""
    try:
        answer = _ask(HTTPConnection(host, port, timeout=SECONDS), "/")
    except NO_ANSWER as error:
        yield f"Whoever types the address without https does not get to the site: {reason(error)}."
        return
    if answer.status not in (301, 308) or not (answer.headers["Location"] or "").startswith(f"{settings.SITE_URL}/"):
        yield f"http://{host}/ does not lead to {settings.SITE_URL}: it answers {answer.status}."


@look("proxies", in_trial=False)
def proxies() -> Iterator[str]:
    trusted = trusted_proxies()
    for network in unnamed.seen(within=LATELY):
        if not any(ip_network(network).overlaps(named) for named in trusted):
            yield (
                f"Requests come through {network}, which TRUSTED_PROXIES does not name: all its visitors share one "
                "limit. Name it, if it is a proxy of yours."
            )
    newest = AuditEvent.objects.exclude(address=None).order_by("-pk").first()
    if newest and is_in(address_of(str(newest.address)), trusted):
        yield (
            f"The newest request on record counts as one of {newest.address}, which TRUSTED_PROXIES names: the proxy "
            "says of no visitor who it is, or too wide a network is named. Until then all visitors share one limit."
        )


def _secure() -> HTTPSConnection:
    site = urlsplit(settings.SITE_URL)
    return HTTPSConnection(site.hostname or "", site.port, timeout=SECONDS, context=ssl.create_default_context())


def _ask(line: HTTPConnection, path: str) -> HTTPResponse:
    """Return the answer's head; what follows is not read."""
    try:
        line.request("GET", path)
        return line.getresponse()
    finally:
        line.close()
