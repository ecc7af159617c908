"""Call an address that a client gave us: that one, and no other that it leads to."""

from datetime import timedelta
from urllib.parse import urlsplit

from pyreqwest.client import SyncClient, SyncClientBuilder

from panjereh.sso.sessions.addresses import address_of


def client_for(uri: str, timeout: timedelta) -> SyncClient:
    """It connects to the address that was checked: no second look-up, no redirect, no proxy.

    Raises `AddressRefused`.
    """
    parts = urlsplit(uri)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    return (
        SyncClientBuilder()
        .no_proxy()
        .follow_redirects(False)
        .timeout(timeout)
        .resolve(host, address_of(host, port), port)
        .build()
    )
