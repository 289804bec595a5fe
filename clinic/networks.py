"""Addresses as the site understands them, and the network by which a visitor is counted."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HOUSEHOLD = 56  # bits of an IPv6 address: what providers give to one household, which may use any address below it
# Addresses that no one on the internet has; those that providers and clouds share out among customers count too.
_PRIVATE_4 = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
PRIVATE: list[Network] = [ip_network(text) for text in (*_PRIVATE_4, "::1", "fc00::/7", "fe80::/10")]


def address_of(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def trusted_proxies() -> list[Network]:
    return [ip_network(network) for network in settings.TRUSTED_PROXIES]


def counted_as(address: Address | None) -> str:
    """An IPv4 address, or the household's part of an IPv6 address; all others are one."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), HOUSEHOLD), strict=False))
    return str(address or "")


def network_of(request: HttpRequest) -> str:
    """By what the one who sent the request is counted."""
    return counted_as(address_of(request.META.get("REMOTE_ADDR", "")))
