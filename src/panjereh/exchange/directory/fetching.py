"""Fetch the description that a system itself gives, as the exchange asks its services: signed."""

import ipaddress
import socket
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from pyreqwest.client import SyncClientBuilder
from pyreqwest.exceptions import PyreqwestError

from panjereh.common.http_signatures import content_digest, hmac_signer, sign
from panjereh.exchange.directory.openapi.flaws import Flaw, Flawed
from panjereh.exchange.directory.openapi.reading import MAX_BYTES
from panjereh.exchange.directory.provider_keys import provider_key
from panjereh.exchange.models import System

SECONDS = 5.0
WHERE = "/openapi.json"


def fetch_description(system: System) -> bytes:
    """Raises `Flawed` when there is none to be had at the system's own address."""
    if not system.base_url:
        raise _refused(_("The system has no address."), _("Enter where its services answer."))
    _refuse_inner_address(system.base_url)
    base = system.base_url.rstrip("/")
    headers = _signed(system, urlsplit(base).path + WHERE)
    try:
        with SyncClientBuilder().follow_redirects(False).no_proxy().build() as client:
            asked = client.get(base + WHERE).headers(headers)
            answer = asked.timeout(timedelta(seconds=SECONDS)).build().send()
            octets = bytes(answer.bytes())
    except PyreqwestError as error:
        raise _refused(
            _("Nobody answers at the address of the system."),
            _("Start it, or give the description as a file."),
        ) from error
    if answer.status != 200 or len(octets) > MAX_BYTES:
        raise _refused(
            _("There is no description at /openapi.json of the system."),
            _("Offer it there, or give it as a file."),
        )
    return octets


def _signed(system: System, target: str) -> dict[str, str]:
    headers = {"accept": "application/json", "content-digest": content_digest(b"")}
    key = provider_key(Path(settings.KEYS), system.code)
    return headers | sign(
        "GET",
        target,
        headers,
        keyid=system.code,
        algorithm="hmac-sha256",
        signer=hmac_signer(key),
    )


def _refuse_inner_address(url: str) -> None:
    """In production an address may not lead back into the exchange's own machine."""
    if settings.PROFILE == "sandbox":
        return
    host = urlsplit(url).hostname or ""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise _refused(_("The name of the address is unknown."), _("Correct it.")) from error
    for address in map(ipaddress.ip_address, found):
        if address.is_loopback or address.is_link_local or address.is_multicast:
            raise _refused(_("The address is not one of a provider."), _("Correct it."))


def _refused(text: str, mend: str) -> Flawed:
    return Flawed([Flaw(text, mend)])
