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


MAX_IGNORED = 8


class NoCertificate(Exception):
    """The folder holds nothing to open a door of mutual TLS with."""


class WatchedChannel(ssl.SSLObject):
    """Tells the operator why a caller was refused, and lets TLS tell the caller.

    The event loop would drop the connection with the alert still in our buffer. It sends what is
    there when the handshake says that it waits, so a refused one waits until the caller has gone,
    the handshake's time is over, or the caller has been ignored often enough.
    """

    _refused: ssl.SSLError | None = None
    _ignored = 0

    def do_handshake(self) -> None:
        if self._refused is None:
            try:
                super().do_handshake()
                return
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                log.warning("exchange.channel.refused reason=%s", _reason(error))
                if not _is_for_its_certificate(error):
                    raise
                self._refused = error
        self._ignored += 1
        if self._ignored > MAX_IGNORED:
            raise self._refused
        raise ssl.SSLWantReadError


def _is_for_its_certificate(error: ssl.SSLError) -> bool:
    missing = error.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
    return missing or isinstance(error, ssl.SSLCertVerificationError)


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (error.reason or "unknown").lower().replace("_", " ")


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
