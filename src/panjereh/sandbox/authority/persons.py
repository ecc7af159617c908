"""Certificates of persons: issue one for a key, revoke one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from panjereh.sandbox.authority.hierarchy import (
    PERSONS,
    drawn,
    load,
    named_after,
    sandbox_name,
    usage,
    write_certificate,
)

YEARS = 2
SoughtKey = EllipticCurvePublicKey | RSAPublicKey


@dataclass(frozen=True)
class Holder:
    """Who is certified. The national id stands in `serialNumber` of the subject."""

    national_id: str
    given_name: str
    family_name: str


@dataclass(frozen=True)
class Validity:
    begins: datetime
    ends: datetime

    @classmethod
    def usual(cls) -> "Validity":
        begins = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
        return cls(begins, begins + timedelta(days=365 * YEARS))


def issue(
    folder: Path, holder: Holder, key: SoughtKey, *, validity: Validity | None = None
) -> x509.Certificate:
    """`folder` is `keys/signatures`. What is issued is entered before it is handed out."""
    authority, lasts = load(folder, PERSONS), validity or Validity.usual()
    builder = (
        drawn(_subject(holder), key, authority.certificate.subject)
        .not_valid_before(lasts.begins)
        .not_valid_after(lasts.ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs=True), critical=True)
        .add_extension(named_after(authority.key), critical=False)
        .add_extension(_where_to_ask(), critical=False)
    )
    certificate = builder.sign(authority.key, hashes.SHA256())
    write_certificate(_entry(folder, "issued", certificate.serial_number), certificate)
    return certificate


def revoke(folder: Path, serial: int, *, at: datetime | None = None) -> None:
    when = (at or datetime.now(UTC)).replace(microsecond=0)
    _entry(folder, "revoked", serial).write_text(when.isoformat(), encoding="utf-8")


def is_issued(folder: Path, serial: int) -> bool:
    return _entry(folder, "issued", serial).exists()


def revoked_at(folder: Path, serial: int) -> datetime | None:
    entry = _entry(folder, "revoked", serial)
    return datetime.fromisoformat(entry.read_text()) if entry.exists() else None


def all_revoked(folder: Path) -> dict[int, datetime]:
    entries = (folder / "authority" / "revoked").iterdir()
    return {int(e.name, 16): datetime.fromisoformat(e.read_text()) for e in entries}


def _entry(folder: Path, kind: str, serial: int) -> Path:
    return folder / "authority" / kind / f"{serial:x}"


def _subject(holder: Holder) -> x509.Name:
    return sandbox_name(
        f"{holder.given_name} {holder.family_name}",
        x509.NameAttribute(NameOID.GIVEN_NAME, holder.given_name),
        x509.NameAttribute(NameOID.SURNAME, holder.family_name),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, holder.national_id),
    )


def _where_to_ask() -> x509.AuthorityInformationAccess:
    """For outsiders. The sign-on asks where its own list of authorities says."""
    responder = x509.UniformResourceIdentifier("http://authority.sandbox.example/ocsp")
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, responder)]
    )
