"""Who seals documents, and whom a check trusts: the folder `documents` among the keys.

signers.json     which certificate and key a system of the exchange seals with, and its names
roots/*.crt      trust anchors; replacing the national root is putting another file here (DOC-10)
chain/*.crt      the authorities between root and signer
crls/*.crl       certificates that were revoked, by those authorities
former/*.crt     signing certificates that were replaced; what they sealed in their time stays valid
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings

from panjereh.common import clock

SANDBOX_MARK = "PANJEREH SANDBOX"  # organisation of every sandbox certificate
TIME_STAMPER = "time-stamper"


class KeysUnfit(Exception):
    """Documents cannot be sealed with these keys; the text says which and why."""


@dataclass(frozen=True, eq=False)
class Signer:
    """A seal of an agency: its names, how its documents are numbered, where its key is.

    `post` is the id of the organisational post that answers for it (DOC-15, 19): documents name a
    post, not the national id of whoever holds it today.
    """

    system: str
    agency: str
    post: str
    name: dict[str, str]
    certificate_file: Path
    key_file: Path

    @cached_property
    def certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate_file.read_bytes())

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @cached_property
    def key(self) -> EllipticCurvePrivateKey:
        loaded = serialization.load_pem_private_key(self.key_file.read_bytes(), password=None)
        if not isinstance(loaded, EllipticCurvePrivateKey):
            raise KeysUnfit(f"{self.key_file.name} is not an elliptic-curve key")
        return loaded


@dataclass(frozen=True)
class KeyFolder:
    path: Path

    @cached_property
    def signers(self) -> dict[str, Signer]:
        listed = json.loads((self.path / "signers.json").read_text(encoding="utf-8"))
        return {
            entry["system"]: Signer(
                system=entry["system"],
                agency=entry["agency"],
                post=entry["post"],
                name=entry["name"],
                certificate_file=self.path / entry["certificate"],
                key_file=self.path / entry["key"],
            )
            for entry in listed["signers"]
        }

    @cached_property
    def roots(self) -> list[x509.Certificate]:
        return self._certificates("roots")

    @cached_property
    def chain(self) -> list[x509.Certificate]:
        return self._certificates("chain")

    @cached_property
    def trusted_signers(self) -> set[str]:
        """Fingerprints of the certificates whose seal counts as one of ours, old ones included."""
        current = [s.certificate for name, s in self.signers.items() if name != TIME_STAMPER]
        return {
            c.fingerprint(hashes.SHA256()).hex() for c in current + self._certificates("former")
        }

    @cached_property
    def _revocations(self) -> list[x509.CertificateRevocationList]:
        files = sorted((self.path / "crls").glob("*.crl"))
        return [x509.load_pem_x509_crl(f.read_bytes()) for f in files]

    def revoked_at(self, certificate: x509.Certificate) -> datetime | None:
        """When the certificate was revoked, by a list that its own authority has signed."""
        authorities = {c.subject: c.public_key() for c in self.roots + self.chain}
        for listed in self._revocations:
            authority = authorities.get(listed.issuer)
            if listed.issuer != certificate.issuer or authority is None:
                continue
            if not listed.is_signature_valid(authority):  # type: ignore[arg-type]
                raise KeysUnfit("a revocation list is not signed by its authority")
            row = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if row is not None:
                return row.revocation_date_utc
        return None

    def _certificates(self, folder: str) -> list[x509.Certificate]:
        files = sorted((self.path / folder).glob("*.crt"))
        return [x509.load_pem_x509_certificate(f.read_bytes()) for f in files]


@lru_cache
def folder_at(path: Path) -> KeyFolder:
    return KeyFolder(path)


def folder() -> KeyFolder:
    """The keys of this installation. In production nothing of the sandbox seals or is believed."""
    keys = folder_at(Path(settings.KEYS) / "documents")
    if settings.PROFILE == "production":
        _refuse_sandbox(keys)
    return keys


def signer_of(system: str) -> Signer | None:
    """The seal of a system of the exchange (`civil-registration-window`), if it has one."""
    return None if system == TIME_STAMPER else folder().signers.get(system)


def usable_now(signer: Signer) -> None:
    """Certificate status is checked at signing as well as at verifying (DOC-10)."""
    certificate, now = signer.certificate, clock.now()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise KeysUnfit(f"the certificate of {signer.system} is outside its time of validity")
    if folder().revoked_at(certificate) is not None:
        raise KeysUnfit(f"the certificate of {signer.system} is revoked")


def check_keys() -> None:
    """Whether this installation can seal documents; a process calls it before it starts serving.

    Raises `KeysUnfit`. Production refuses whatever the sandbox made, in the trust list as well: a
    sandbox root there would make invented documents valid.
    """
    folder_at.cache_clear()
    keys = folder_at(Path(settings.KEYS) / "documents")
    if not (keys.path / "signers.json").exists():
        raise KeysUnfit(f"there are no document keys in {keys.path}")
    if not keys.roots:
        raise KeysUnfit(f"there is no trust anchor in {keys.path / 'roots'}")
    for signer in keys.signers.values():
        _check_files(signer)
    folder()
    for signer in keys.signers.values():
        if not _anchored(signer.certificate, keys):
            raise KeysUnfit(f"{signer.system}: the certificate does not lead to a trusted root")
        usable_now(signer)


def _check_files(signer: Signer) -> None:
    for file in (signer.certificate_file, signer.key_file):
        if not file.exists():
            raise KeysUnfit(f"{signer.system}: {file} is missing")
    if signer.key.public_key() != signer.certificate.public_key():
        raise KeysUnfit(f"{signer.system}: the key does not belong to the certificate")


def _refuse_sandbox(keys: KeyFolder) -> None:
    for certificate in keys.roots + keys.chain + [s.certificate for s in keys.signers.values()]:
        if SANDBOX_MARK in certificate.subject.rfc4514_string():
            raise KeysUnfit("production takes no document certificates of the sandbox")


def _anchored(certificate: x509.Certificate, keys: KeyFolder) -> bool:
    issuer = next((c for c in keys.chain + keys.roots if _issued(c, certificate)), None)
    if issuer is None:
        return False
    return issuer in keys.roots or _anchored(issuer, keys)


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    if authority == certificate:
        return False
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
