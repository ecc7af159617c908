"""Certificates for mutual TLS in the sandbox: an authority, the gateway's, and each system's.

keys/tls/authorities/sandbox.crt   who vouches for all of them; its key is keys/tls/sandbox.key
keys/tls/server.crt, server.key    what the gateway shows
keys/tls/roots.crt                 whom a caller believes about the gateway
keys/systems/<system>.crt, .key    what a system shows on its channels
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from panjereh.national.documents.keys import SANDBOX_MARK

YEARS_AUTHORITY, YEARS = 20, 3
HOSTS = ("localhost", "exchange.localhost")
LOOPBACK = IPv4Address("127.0.0.1")


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    def certificate_for(
        self,
        name: str,
        key: CertificatePublicKeyTypes,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        server: bool = False,
    ) -> x509.Certificate:
        """Of a system, or of the gateway itself (`server`)."""
        start = not_before or _now()
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = (
            _builder(name, key, self.certificate.subject, start)
            .not_valid_after(not_after or start + timedelta(days=365 * YEARS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        )
        if server:
            names = [*map(x509.DNSName, HOSTS), x509.IPAddress(LOOPBACK)]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def make_channel_keys(keys: Path, systems: Iterable[str]) -> None:
    """Make what is missing; what exists stays, for the exchange knows its keys."""
    tls = keys / "tls"
    (tls / "authorities").mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = read_authority(tls) or _make_authority(tls)
    _make_pair(tls / "server", "Sandbox exchange gateway", authority, server=True)
    for system in systems:
        _make_pair(keys / "systems" / system, system, authority)


def new_authority(name: str) -> Authority:
    key = generate_private_key(SECP256R1())
    start = _now()
    builder = (
        _builder(name, key.public_key(), _name(name), start)
        .not_valid_after(start + timedelta(days=365 * YEARS_AUTHORITY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return Authority(builder.sign(key, hashes.SHA256()), key)


def write_key(path: Path, key: EllipticCurvePrivateKey) -> None:
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def write_certificate(path: Path, certificate: x509.Certificate) -> None:
    _write(path, certificate.public_bytes(Encoding.PEM))


def _make_authority(tls: Path) -> Authority:
    """The certificate is written last: where it stands, its key stands too."""
    made = new_authority("Sandbox authority for channels")
    write_key(tls / "sandbox.key", made.key)
    write_certificate(tls / "roots.crt", made.certificate)
    write_certificate(tls / "authorities" / "sandbox.crt", made.certificate)
    return made


def read_authority(tls: Path) -> Authority | None:
    path = tls / "authorities" / "sandbox.crt"
    if not path.exists():
        return None
    key = load_pem_private_key((tls / "sandbox.key").read_bytes(), password=None)
    assert isinstance(key, EllipticCurvePrivateKey)  # noqa: S101 - we wrote it
    return Authority(x509.load_pem_x509_certificate(path.read_bytes()), key)


def _make_pair(stem: Path, name: str, authority: Authority, *, server: bool = False) -> None:
    certificate = stem.with_name(f"{stem.name}.crt")
    if certificate.exists():
        return
    key = generate_private_key(SECP256R1())
    write_key(stem.with_name(f"{stem.name}.key"), key)
    made = authority.certificate_for(name, key.public_key(), server=server)
    write_certificate(certificate, made)


def _builder(
    name: str, key: CertificatePublicKeyTypes, issuer: x509.Name, start: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(minutes=5))
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "IR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, SANDBOX_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _write(path: Path, octets: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_bytes(octets)
    partial.replace(path)
