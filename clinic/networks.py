"""Addresses as the site understands them, and the network by which a visitor is counted."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.http import HttpRequest

HOUSEHOLD = 56  # bits of an IPv6 address: what providers give to one household, which may use any address below it


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(request: HttpRequest) -> str:
    """The IPv4 address that the request came from, or the household's part of an IPv6 address; all others are one."""
    address = address_of(request.META.get("REMOTE_ADDR", ""))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), HOUSEHOLD), strict=False))
    return str(address or "")
