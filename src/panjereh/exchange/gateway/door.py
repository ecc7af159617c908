"""A door of the gateway: the bus it belongs to, and what a channel says of who calls through it.

Each bus has a plain door, where every message is signed, and a door of mutual TLS, where the
certificate of the channel tells the caller (NIX-02, 31).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


@dataclass(frozen=True)
class Door:
    name: str
    bus: str
    tls: bool


DOORS: Final[Mapping[str, Door]] = {
    door.name: door
    for door in (
        Door("gsb", "gsb", tls=False),
        Door("pgsb", "pgsb", tls=False),
        Door("gsb-tls", "gsb", tls=True),
        Door("pgsb-tls", "pgsb", tls=True),
    )
}


@dataclass(frozen=True)
class Peer:
    """Who is at the other end of a TLS channel. The key is what grants know, so that a renewed
    certificate changes nothing; the end of the certificate is watched on open channels too."""

    thumbprint: str
    not_after: float


@lru_cache(maxsize=4096)
def peer_of(certificate: bytes) -> Peer:
    """From the certificate (DER) that the handshake has verified."""
    read = x509.load_der_x509_certificate(certificate)
    return Peer(thumbprint(read), read.not_valid_after_utc.timestamp())


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the public key (SubjectPublicKeyInfo) in hex."""
    key = certificate.public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()
