"""Whom we believe: the authorities for certificates of persons, in the folder `keys/signatures`.

authorities.json   for each issuer: its certificate and where it is asked about revocation
roots/*.crt        trust anchors
chain/*.crt        authorities between root and person, which a signature file may leave out

The addresses stand here and are not taken from a certificate, so nobody makes us call anywhere.
"""

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import urljoin

from cryptography import x509
from django.conf import settings

from panjereh.common.certificate_chains import AnchorFolder

SANDBOX_MARK = "PANJEREH SANDBOX"


class AuthoritiesUnfit(Exception):
    """Signatures cannot be judged with this list; the text says why."""


@dataclass(frozen=True)
class Issuer:
    """Empty where it cannot be asked that way."""

    certificate: x509.Certificate
    ocsp: str
    crl: str


@dataclass(frozen=True)
class Authorities(AnchorFolder):
    @cached_property
    def issuers(self) -> list[Issuer]:
        listed = json.loads((self.path / "authorities.json").read_text(encoding="utf-8"))
        return [
            Issuer(
                x509.load_pem_x509_certificate((self.path / entry["certificate"]).read_bytes()),
                _address(entry.get("ocsp", "")),
                _address(entry.get("crl", "")),
            )
            for entry in listed["issuers"]
        ]

    def issuer(self, certificate: x509.Certificate) -> Issuer | None:
        return next((i for i in self.issuers if i.certificate == certificate), None)


@lru_cache
def _at(path: Path) -> Authorities:
    return Authorities(path)


def authorities() -> Authorities:
    """Raises `AuthoritiesUnfit`. Production believes nobody whom the sandbox made."""
    found = _at(Path(settings.SIGNATURE_AUTHORITIES))
    if not (found.path / "authorities.json").exists() or not found.roots:
        raise AuthoritiesUnfit(f"there is no list of authorities in {found.path}")
    if settings.PROFILE == "production":
        _refuse_sandbox(found)
    return found


def forget() -> None:
    _at.cache_clear()


def _refuse_sandbox(found: Authorities) -> None:
    for certificate in found.roots + found.chain:
        if SANDBOX_MARK in certificate.subject.rfc4514_string():
            raise AuthoritiesUnfit("production takes no certificates of the sandbox")


def _address(told: str) -> str:
    return urljoin(settings.CERTIFICATE_STATUS_URL, told) if told else ""
