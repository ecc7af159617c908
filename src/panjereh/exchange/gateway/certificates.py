"""Certificates by which systems are known on channels of mutual TLS: what may stand in one."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from panjereh.exchange.gateway.door import thumbprint

MIN_RSA_BITS = 2048


@dataclass(frozen=True)
class Certificate:
    thumbprint: str
    algorithm: str
    not_after: datetime


def read_certificate(pem: bytes) -> Certificate:
    """Raises `ValueError` when it is none, or when its key is of a kind that is not accepted."""
    try:
        read = x509.load_pem_x509_certificate(pem)
        return Certificate(thumbprint(read), algorithm(read), read.not_valid_after_utc)
    except UnsupportedAlgorithm as error:
        raise ValueError("the key of the certificate is of an unknown kind") from error


def algorithm(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, Ed25519PublicKey):
        return "ed25519"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "p-256"
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return "rsa"
    raise ValueError(f"the key must be Ed25519, P-256, or RSA of {MIN_RSA_BITS} bits or more")
