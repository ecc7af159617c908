"""Whether a person's certificate counts at this moment, and whose it is."""

from datetime import datetime

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

from panjereh.sso.signatures.authorities import Authorities
from panjereh.sso.signatures.refusals import SignatureRefused


def chain_of(
    certificate: x509.Certificate,
    others: list[x509.Certificate],
    known: Authorities,
    at: datetime,
) -> list[x509.Certificate]:
    """From the certificate to the trust anchor. Raises `SignatureRefused`."""
    if at < certificate.not_valid_before_utc:
        raise SignatureRefused("not-yet-valid")
    if at > certificate.not_valid_after_utc:
        raise SignatureRefused("expired")
    if not _signs(certificate):
        raise SignatureRefused("not-for-signing")
    try:
        return _verifier(known, at).verify(certificate, [*others, *known.chain]).chain
    except (VerificationError, ValueError) as error:
        raise SignatureRefused("foreign-chain") from error


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


def _verifier(known: Authorities, at: datetime) -> ClientVerifier:
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
