"""The certificates that documents of the sandbox nation are sealed with, made once per home folder.

A root, an authority under it, the seals of the sandbox agencies and the time stamper. Every one of
them carries the mark by which production refuses it.
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
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from panjereh.national.documents.keys import SANDBOX_MARK, TIME_STAMPER

YEARS_ROOT, YEARS_AUTHORITY, YEARS_SEAL = 20, 10, 3
CIVIL = {"fa": "سازمان ثبت احوال کشور", "en": "National Organisation for Civil Registration"}
PLATFORM = {
    "fa": "سازمان فناوری اطلاعات ایران",
    "en": "Information Technology Organisation of Iran",
}
STAMPER = {"fa": "مهر زمان سرزمین نمونه", "en": "Time stamper of the sandbox"}

# system on the exchange, four characters in front of its document ids, post, name, file
SEALS = (
    ("civil-registration-window", "CIVR", "1400377-0017", CIVIL, "civil-registration"),
    ("national-window", "PLTF", "1400276-0003", PLATFORM, "platform"),
    (TIME_STAMPER, "TIME", "1400276-0009", STAMPER, "time-stamper"),
)


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey


def make_keys(home: Path) -> Path:
    """Make the folder `keys/documents` of a home if it is not there yet, whole or not at all."""
    folder = home / "keys" / "documents"
    if (folder / "signers.json").exists():
        return folder
    building = folder.with_name(f".documents.{os.getpid()}")
    shutil.rmtree(building, ignore_errors=True)
    for part in ("roots", "chain", "crls", "former"):
        (building / part).mkdir(parents=True, mode=0o700)
    _fill(building)
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return folder


def _fill(folder: Path) -> None:
    root = _authority("Sandbox root", None, YEARS_ROOT)
    authority = _authority("Sandbox authority for documents", root, YEARS_AUTHORITY)
    _write_certificate(folder / "roots" / "sandbox.crt", root)
    _write_certificate(folder / "chain" / "sandbox.crt", authority)
    (folder / "crls" / "sandbox.crl").write_bytes(revocation_list(authority, {}))
    _write_key(folder / "chain" / "sandbox.key", authority)
    for system, _, _, name, file in SEALS:
        pair = seal_certificate(name["fa"], authority, time_stamper=system == TIME_STAMPER)
        _write_certificate(folder / f"{file}.crt", pair)
        _write_key(folder / f"{file}.key", pair)
    text = json.dumps({"signers": _listed()}, ensure_ascii=False, indent=1)
    (folder / "signers.json").write_text(text + "\n", encoding="utf-8")


def _listed() -> list[dict[str, object]]:
    return [
        {
            "system": system,
            "agency": agency,
            "post": post,
            "name": name,
            "certificate": f"{file}.crt",
            "key": f"{file}.key",
        }
        for system, agency, post, name, file in SEALS
    ]


def seal_certificate(name: str, authority: Pair, *, time_stamper: bool = False) -> Pair:
    """A certificate that seals documents, or that stamps times: no key does both (RFC 3161 2.3)."""
    key = generate_private_key(SECP256R1())
    builder = _builder(name, key, authority, YEARS_SEAL).add_extension(
        _usage(signs=True), critical=True
    )
    if time_stamper:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    no_authority = x509.BasicConstraints(ca=False, path_length=None)
    builder = builder.add_extension(no_authority, critical=True)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def revocation_list(authority: Pair, revoked: dict[x509.Certificate, datetime]) -> bytes:
    """The signed list of certificates and when each was revoked, as PEM."""
    now = _now()
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=365 * YEARS_AUTHORITY))
    )
    for certificate, at in revoked.items():
        row = x509.RevokedCertificateBuilder(certificate.serial_number, at)
        builder = builder.add_revoked_certificate(row.build())
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _authority(name: str, above: Pair | None, years: int) -> Pair:
    key = generate_private_key(SECP256R1())
    builder = (
        _builder(name, key, above, years)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
    )
    return Pair(builder.sign(above.key if above else key, hashes.SHA256()), key)


def _builder(
    name: str, key: EllipticCurvePrivateKey, above: Pair | None, years: int
) -> x509.CertificateBuilder:
    start, subject = _now(), _name(name)
    above_key = above.key if above else key
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(minutes=5))
        .not_valid_after(start + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above_key.public_key()),
            critical=False,
        )
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, SANDBOX_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """A seal signs documents (non-repudiation); an authority signs certificates and their lists."""
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


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _write_certificate(path: Path, pair: Pair) -> None:
    path.write_bytes(pair.certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, pair: Pair) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        pair.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
