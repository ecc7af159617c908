"""What the authority says about revocation: OCSP (RFC 6960) and lists (RFC 5280 5)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from panjereh.sandbox.authority import persons
from panjereh.sandbox.authority.hierarchy import PERSONS, RESPONDER, ROOT, load

GOOD_FOR = timedelta(minutes=10)
LISTED_FOR = timedelta(hours=1)


def answer(folder: Path, request: bytes, *, now: datetime | None = None) -> bytes:
    """The signed answer to an OCSP request, both in DER."""
    try:
        asked = ocsp.load_der_ocsp_request(request)
    except ValueError:
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    authority, responder = load(folder, PERSONS), load(folder, RESPONDER)
    if asked.issuer_key_hash != _key_hash(authority.certificate, asked.hash_algorithm):
        return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    builder = _about(folder, asked, at).responder_id(
        ocsp.OCSPResponderEncoding.HASH, responder.certificate
    )
    builder = builder.certificates([responder.certificate])
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return builder.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _about(folder: Path, asked: ocsp.OCSPRequest, at: datetime) -> ocsp.OCSPResponseBuilder:
    """A serial number that was never issued is not "good": it was made by somebody else."""
    revoked = persons.revoked_at(folder, asked.serial_number)
    known = persons.is_issued(folder, asked.serial_number)
    status = ocsp.OCSPCertStatus.GOOD if known else ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else status,
        this_update=at,
        next_update=at + GOOD_FOR,
        revocation_time=revoked,
        revocation_reason=None,
    )


def revocation_list(folder: Path, *, of: str = PERSONS, now: datetime | None = None) -> bytes:
    """The list of the authority for persons, or of the root, which has revoked nothing (DER)."""
    authority = load(folder, ROOT if of == ROOT else PERSONS)
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(at)
        .next_update(at + LISTED_FOR)
    )
    for serial, when in ({} if of == ROOT else persons.all_revoked(folder)).items():
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder(serial, when).build()
        )
    listed = builder.sign(authority.key, hashes.SHA256())
    return listed.public_bytes(serialization.Encoding.DER)


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    built = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return built.public_bytes(serialization.Encoding.DER)


def _key_hash(certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    """Of the key's bits alone (RFC 6960 4.1.1), as the subject key identifier takes them."""
    bits = certificate.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    digest = hashes.Hash(algorithm)
    digest.update(bits)
    return digest.finalize()
