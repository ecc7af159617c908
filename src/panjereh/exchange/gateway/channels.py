"""Mutual TLS at the gateway's doors: whose certificates are let in (NIX-31).

    <keys>/tls/server.crt, server.key   who the gateway is: its certificate and the chain above it
    <keys>/tls/authorities/*.crt        whose certificates of systems are believed
    <keys>/tls/crls/*.crl               optional; then every authority needs a list of its own

Believed is not allowed: which key belongs to which system, the policy says at each call.
"""

import logging
import ssl
from pathlib import Path
from typing import Any

log = logging.getLogger("panjereh.exchange.channels")


class NoCertificate(Exception):
    """The folder holds nothing to open a door of mutual TLS with."""


class WatchedChannel(ssl.SSLObject):
    """TLS itself tells the caller why it was refused; this tells the operator."""

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as error:
            log.warning("exchange.channel.refused reason=%s", error.verify_message)
            raise


class ServerIdentity:
    """The context of the doors, renewed from its files without a pause."""

    def __init__(self, keys: Path) -> None:
        """Raises `NoCertificate`."""
        self._folder = keys / "tls"
        self._read_at = self._changed_at()
        self.context = self._build()

    def renew(self) -> None:
        """Take up a renewed certificate and new authorities; channels that are open go on."""
        changed = self._changed_at()
        if changed == self._read_at:
            return
        try:
            self._load(self.context)
        except (OSError, ssl.SSLError) as error:  # half copied, perhaps; the next second sees
            log.warning("exchange.channel.not-renewed error=%s", type(error).__name__)
            return
        self._read_at = changed
        log.info("exchange.channel.renewed")

    def _build(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        context.sslobject_class = WatchedChannel
        try:
            self._load(context)
        except (OSError, ssl.SSLError) as error:
            raise NoCertificate(f"{self._folder}: {type(error).__name__}") from error
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        context.load_cert_chain(self._folder / "server.crt", self._folder / "server.key")
        for authority in sorted(self._folder.glob("authorities/*.crt")):
            context.load_verify_locations(authority)
        for revoked in sorted(self._folder.glob("crls/*.crl")):
            context.load_verify_locations(revoked)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF

    def _changed_at(self) -> tuple[Any, ...]:
        return tuple(
            (path.name, path.stat().st_mtime_ns)
            for path in sorted(self._folder.rglob("*"))
            if path.is_file()
        )
