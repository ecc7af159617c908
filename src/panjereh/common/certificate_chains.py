"""Whether a person's certificate leads to an authority that we know, and whose it is (RFC 5280)."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import (
    ClientVerifier,
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from panjereh.common.signature_files import SignatureFault


class Anchors(Protocol):
    """Whom to believe: the roots, and the authorities between root and person."""

    @property
    def roots(self) -> list[x509.Certificate]: ...
    @property
    def chain(self) -> list[x509.Certificate]: ...


def chain_of(
    certificate: x509.Certificate,
    others: list[x509.Certificate],
    known: Anchors,
    at: datetime,
) -> list[x509.Certificate]:
    """From the certificate to the trust anchor. Raises `SignatureFault`."""
    if at < certificate.not_valid_before_utc:
        raise SignatureFault("not-yet-valid")
    if at > certificate.not_valid_after_utc:
        raise SignatureFault("expired")
    if not _signs(certificate):
        raise SignatureFault("not-for-signing")
    try:
        return _verifier(known, at).verify(certificate, [*others, *known.chain]).chain
    except (VerificationError, ValueError) as error:
        raise SignatureFault("foreign-chain") from error


def holder_of(certificate: x509.Certificate) -> str:
    """The national id (or the code of a foreign resident) in the subject; empty without one."""
    named = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(named[0].value) if len(named) == 1 else ""


def name_of(certificate: x509.Certificate) -> str:
    named = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(named[0].value) if named else ""


def issuer_name(certificate: x509.Certificate) -> str:
    named = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(named[0].value) if named else ""


def _signs(certificate: x509.Certificate) -> bool:
    """Level 3 is what cannot be denied later, so the certificate must be meant for that."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return usage.content_commitment and not basic.ca


def _verifier(known: Anchors, at: datetime) -> ClientVerifier:
    """RFC 5280 by the library. Persons' certificates name no host, so only its rules for
    authorities hold; those for the end of the chain are ours."""
    person = ExtensionPolicy.permit_all().require_present(x509.KeyUsage, Criticality.AGNOSTIC, None)
    return (
        PolicyBuilder()
        .store(Store(known.roots))
        .time(at)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=person)
        .build_client_verifier()
    )


@dataclass(frozen=True)
class AnchorFolder:
    """roots/*.crt and chain/*.crt of a folder."""

    path: Path

    @cached_property
    def roots(self) -> list[x509.Certificate]:
        return self._certificates("roots")

    @cached_property
    def chain(self) -> list[x509.Certificate]:
        return self._certificates("chain")

    def _certificates(self, folder: str) -> list[x509.Certificate]:
        files = sorted((self.path / folder).glob("*.crt"))
        return [x509.load_pem_x509_certificate(f.read_bytes()) for f in files]
