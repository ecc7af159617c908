"""Signature files: CMS (RFC 5652) as cards, tokens and openssl write it, and JWS with x5c.

Only the shape is judged here and whether the signature is right; whose the certificate is, and
whether it counts, is judged by others (certificate_chains.py, the sign-on).
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms, pem
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from panjereh.common.cms import der_of_raw

CMS, JWS = "CMS", "JWS"
ES256, RS256 = "ES256", "RS256"
SHORTEST_RSA, LONGEST_RSA = 2048, 8192
MOST_CERTIFICATES = 8


class SignatureFault(Exception):
    """Why a signature does not count: unreadable, no-certificate, several-signers, weak-algorithm,
    altered, not-yet-valid, expired, not-for-signing, foreign-chain."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Container:
    """`digest` is of what was signed; `signed` are the bytes that the signature is over."""

    form: str
    certificate: x509.Certificate
    others: list[x509.Certificate]
    digest: bytes
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        return (
            ES256 if isinstance(self.certificate.public_key(), ec.EllipticCurvePublicKey) else RS256
        )


def read(data: bytes, challenge: bytes) -> Container:
    """Raises `SignatureFault`. `challenge` stands in for what a file leaves out."""
    is_jws = data.lstrip().startswith(b"eyJ")
    try:
        found = _jws(data.strip(), challenge) if is_jws else _cms(data)
    except (ValueError, TypeError, KeyError, IndexError, binascii.Error) as error:
        raise SignatureFault("unreadable") from error
    _strong_key(found.certificate)
    return found


def check(container: Container) -> None:
    """Whether the key of the certificate made this signature. Raises `SignatureFault`."""
    key = container.certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(container.signature, container.signed, ec.ECDSA(SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(container.signature, container.signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise SignatureFault("altered") from error


def _strong_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except ValueError as error:  # a curve or key that the library does not know
        raise SignatureFault("weak-algorithm") from error
    strong = (
        isinstance(key.curve, ec.SECP256R1)
        if isinstance(key, ec.EllipticCurvePublicKey)
        else isinstance(key, rsa.RSAPublicKey) and SHORTEST_RSA <= key.key_size <= LONGEST_RSA
    )
    if not strong:
        raise SignatureFault("weak-algorithm")


def _cms(data: bytes) -> Container:
    """Exactly one signer, with signed attributes: they say what was signed."""
    der = pem.unarmor(data)[2] if pem.detect(data) else data
    content = cms.ContentInfo.load(der, strict=True)
    if content["content_type"].native != "signed_data":
        raise SignatureFault("unreadable")
    holds = content["content"]
    if len(holds["signer_infos"]) != 1:
        raise SignatureFault("several-signers" if holds["signer_infos"] else "unreadable")
    signer = holds["signer_infos"][0]
    _strong_cms(signer)
    digest = _attribute(signer, "message_digest")
    if _attribute(signer, "content_type") != "data" or not isinstance(digest, bytes):
        raise SignatureFault("unreadable")
    inside = holds["encap_content_info"]["content"].native
    if inside is not None and hashlib.sha256(inside).digest() != digest:
        raise SignatureFault("altered")
    certificates = _certificates(holds)
    own = next((c for c in certificates if _is_of(signer, c)), None)
    if own is None:
        raise SignatureFault("no-certificate")
    return Container(
        form=CMS,
        certificate=own,
        others=[c for c in certificates if c != own],
        digest=digest,
        signed=signer["signed_attrs"].untag().dump(),
        signature=signer["signature"].native,
    )


def _strong_cms(signer: cms.SignerInfo) -> None:
    digest = signer["digest_algorithm"]["algorithm"].native
    named = signer["signature_algorithm"]["algorithm"].native
    # Programs name RSA alone or with its digest; the digest beside it is checked either way.
    if digest != "sha256" or named not in ("sha256_ecdsa", "sha256_rsa", "rsassa_pkcs1v15"):
        raise SignatureFault("weak-algorithm")


def _attribute(signer: cms.SignerInfo, name: str) -> Any:
    values = [a["values"] for a in signer["signed_attrs"] or () if a["type"].native == name]
    if len(values) != 1 or len(values[0]) != 1:
        raise SignatureFault("unreadable")
    return values[0][0].native


def _certificates(holds: cms.SignedData) -> list[x509.Certificate]:
    chosen = [c.chosen.dump() for c in holds["certificates"] or () if c.name == "certificate"]
    if len(chosen) > MOST_CERTIFICATES:
        raise SignatureFault("unreadable")
    return [x509.load_der_x509_certificate(der) for der in chosen]


def _is_of(signer: cms.SignerInfo, certificate: x509.Certificate) -> bool:
    named = signer["sid"]
    if named.name == "subject_key_identifier":
        try:
            own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except x509.ExtensionNotFound:
            return False
        return bool(own.value.digest == named.chosen.native)
    issuer = certificate.issuer.public_bytes()
    serial = certificate.serial_number
    return bool(
        named.chosen["serial_number"].native == serial and named.chosen["issuer"].dump() == issuer
    )


def _jws(text: bytes, challenge: bytes) -> Container:
    """Compact, with the certificates in `x5c`; the payload may be left out (RFC 7515 F)."""
    head, payload, signature = text.split(b".")
    header = json.loads(_decoded(head))
    if header.get("alg") not in (ES256, RS256):
        raise SignatureFault("weak-algorithm")
    if "crit" in header or "b64" in header:
        raise SignatureFault("unreadable")
    chain = header.get("x5c")
    if not isinstance(chain, list) or not chain:
        raise SignatureFault("no-certificate")
    own, *others = [
        x509.load_der_x509_certificate(base64.b64decode(c)) for c in chain[:MOST_CERTIFICATES]
    ]
    body = _decoded(payload) if payload else challenge
    _fitting(header["alg"], own)
    return Container(
        form=JWS,
        certificate=own,
        others=others,
        digest=hashlib.sha256(body).digest(),
        signed=head + b"." + base64.urlsafe_b64encode(body).rstrip(b"="),
        signature=der_of_raw(_decoded(signature))
        if header["alg"] == ES256
        else _decoded(signature),
    )


def _fitting(algorithm: str, certificate: x509.Certificate) -> None:
    """RFC 8725 3.1: the header does not choose how the key is used."""
    elliptic = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    if elliptic != (algorithm == ES256):
        raise SignatureFault("altered")


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
