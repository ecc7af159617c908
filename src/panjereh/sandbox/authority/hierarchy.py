"""Root, authority for persons and the one who answers about revocation, made once per home.

keys/signatures/authorities.json   whom the sign-on trusts and where it asks (see sso/signatures)
keys/signatures/roots, chain       the certificates of it
keys/signatures/authority/         what only the authority itself has: keys, issued, revoked
"""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificatePublicKeyTypes,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SANDBOX_MARK = "PANJEREH SANDBOX"
ROOT, PERSONS, RESPONDER = "root", "persons", "responder"
YEARS_ROOT, YEARS_PERSONS, YEARS_RESPONDER = 20, 10, 3
STATUS_PATH = "authority"


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey


def folder_of(home: Path) -> Path:
    return home / "keys" / "signatures"


def make_authority(home: Path) -> Path:
    """Make `keys/signatures` of a home if it is not there yet, whole or not at all."""
    folder = folder_of(home)
    if (folder / "authorities.json").exists():
        return folder
    building = folder.with_name(f".signatures.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    for part in ("roots", "chain", "authority/issued", "authority/revoked"):
        (building / part).mkdir(parents=True, mode=0o700)
    _fill(building)
    if not (folder / "authorities.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
    try:
        building.rename(folder)
    except OSError:  # another process was faster, and what it made stays
        shutil.rmtree(building, ignore_errors=True)
    return folder


def _fill(folder: Path) -> None:
    root = new_authority("Sandbox root for persons", None, years=YEARS_ROOT)
    persons = new_authority("Sandbox authority for persons", root, years=YEARS_PERSONS)
    responder = new_responder(persons)
    write_certificate(folder / "roots" / "sandbox.crt", root.certificate)
    write_certificate(folder / "chain" / "sandbox.crt", persons.certificate)
    for name, pair in ((ROOT, root), (PERSONS, persons), (RESPONDER, responder)):
        write_key(folder / "authority" / f"{name}.key", pair.key)
        write_certificate(folder / "authority" / f"{name}.crt", pair.certificate)
    text = json.dumps({"issuers": _asked()}, indent=1)
    (folder / "authorities.json").write_text(text + "\n", encoding="utf-8")


def _asked() -> list[dict[str, str]]:
    """A relative address lies below CERTIFICATE_STATUS_URL of the settings."""
    return [
        {"certificate": "roots/sandbox.crt", "crl": f"{STATUS_PATH}/root.crl"},
        {
            "certificate": "chain/sandbox.crt",
            "ocsp": f"{STATUS_PATH}/ocsp",
            "crl": f"{STATUS_PATH}/persons.crl",
        },
    ]


def load(folder: Path, name: str) -> Pair:
    """`folder` is `keys/signatures`."""
    key = serialization.load_pem_private_key(
        (folder / "authority" / f"{name}.key").read_bytes(), password=None
    )
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ValueError(f"{name}.key is not an elliptic-curve key")
    crt = (folder / "authority" / f"{name}.crt").read_bytes()
    return Pair(x509.load_pem_x509_certificate(crt), key)


def new_authority(name: str, above: Pair | None, *, years: int) -> Pair:
    key = generate_private_key(SECP256R1())
    subject = sandbox_name(name)
    builder = (
        drawn(subject, key.public_key(), above.certificate.subject if above else subject)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage(signs=False), critical=True)
        .add_extension(named_after(above.key if above else key), critical=False)
    )
    return Pair(signed(builder, above.key if above else key, years=years), key)


def new_responder(authority: Pair) -> Pair:
    """RFC 6960 4.2.2.2: the authority names who answers for it, and needs not answer itself."""
    key = generate_private_key(SECP256R1())
    subject = sandbox_name("Sandbox responder for persons")
    builder = (
        drawn(subject, key.public_key(), authority.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=True)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(named_after(authority.key), critical=False)
    )
    return Pair(signed(builder, authority.key, years=YEARS_RESPONDER), key)


def drawn(
    subject: x509.Name, key: CertificatePublicKeyTypes, issuer: x509.Name
) -> x509.CertificateBuilder:
    """What every certificate here has."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def signed(
    builder: x509.CertificateBuilder, key: EllipticCurvePrivateKey, *, years: int
) -> x509.Certificate:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    lasting = builder.not_valid_before(start).not_valid_after(start + timedelta(days=365 * years))
    return lasting.sign(key, hashes.SHA256())


def named_after(issuer: EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())


def usage(*, signs: bool) -> x509.KeyUsage:
    """A person signs what cannot be denied later; an authority signs certificates and lists."""
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_cert_sign=not signs,
        crl_sign=not signs,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def sandbox_name(common: str, *more: x509.NameAttribute[str]) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, SANDBOX_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            *more,
        ]
    )


def write_certificate(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def write_key(path: Path, key: CertificateIssuerPrivateKeyTypes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
