"""Where a client may be called: never at an address inside, unless the operator said so."""

import ipaddress
import socket

from django.conf import settings

LOOPBACK = "127.0.0.1"


class AddressRefused(Exception):
    """A client's name leads to an address that we do not call (RFC 9700 4.11, SSRF)."""


def address_of(host: str, port: int) -> str:
    """The one address to connect to. A name with any forbidden address is refused as a whole."""
    if settings.PROFILE == "sandbox" and (host == "localhost" or host.endswith(".localhost")):
        return LOOPBACK  # RFC 6761; the resolver of the machine need not know the name
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise AddressRefused("the name is unknown") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_allowed(address) for address in addresses):
        raise AddressRefused("the address is not a public one")
    return addresses[0]


def _allowed(text: str) -> bool:
    """Public, or in a network that the operator named (an intranet of agencies)."""
    address = ipaddress.ip_address(text.partition("%")[0])
    networks = [ipaddress.ip_network(n) for n in getattr(settings, "SSO_LOGOUT_NETWORKS", ())]
    if any(address in network for network in networks):
        return True
    return address.is_global and not address.is_multicast
