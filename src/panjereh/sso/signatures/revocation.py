"""Whether an issuer has taken a certificate back: by OCSP, else by its list. No answer is a no.

The answer is kept with the signature: it is what shows later that the certificate was good then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyreqwest.client import SyncClientBuilder
from pyreqwest.exceptions import RequestError
from pyreqwest.response import SyncResponse

from panjereh.sso.digests import new_secret
from panjereh.sso.sessions.addresses import AddressRefused, address_of
from panjereh.sso.signatures.authorities import Issuer
from panjereh.sso.signatures.refusals import SignatureRefused

OCSP, LIST = "ocsp", "crl"
TIMEOUT = timedelta(seconds=3)
SKEW = timedelta(minutes=5)
# An answer that says no end is believed for so long.
UNENDING = timedelta(hours=1)
LONGEST_ANSWER, LONGEST_LIST = 64 * 1024, 32 * 1024 * 1024


@dataclass(frozen=True)
class Standing:
    """How it was learnt that a certificate is good, with the signed words that say it (DER)."""

    way: str
    proof: bytes


class NoAnswer(Exception):
    """Unreachable, stale, forged, or of another certificate: this way says nothing."""


def must_be_good(certificate: x509.Certificate, issuer: Issuer, at: datetime) -> Standing:
    """Raises `SignatureRefused`: revoked, or nobody can say."""
    for ask, address in ((_by_ocsp, issuer.ocsp), (_by_list, issuer.crl)):
        if not address:
            continue
        try:
            return ask(certificate, issuer.certificate, address, at)
        except NoAnswer:
            continue
    raise SignatureRefused("revocation-unknown")


def _by_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, address: str, at: datetime
) -> Standing:
    asked = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, issuer, hashes.SHA256())
        .add_extension(x509.OCSPNonce(new_secret()[:32].encode()), critical=False)
        .build()
    )
    raw = _fetched(address, asked.public_bytes(serialization.Encoding.DER), LONGEST_ANSWER)
    try:
        told = ocsp.load_der_ocsp_response(raw)
        _believable(told, asked, issuer, at)
    except (ValueError, InvalidSignature, UnsupportedAlgorithm, TypeError) as error:
        raise NoAnswer from error
    if told.certificate_status is ocsp.OCSPCertStatus.REVOKED:
        raise SignatureRefused("revoked")
    if told.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise SignatureRefused("foreign-chain")  # its issuer has never made such a certificate
    return Standing(OCSP, raw)


def _believable(
    told: ocsp.OCSPResponse, asked: ocsp.OCSPRequest, issuer: x509.Certificate, at: datetime
) -> None:
    if told.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise NoAnswer
    _verify(_answerer(told, issuer, at), told)
    about = (told.serial_number, told.issuer_name_hash, told.issuer_key_hash)
    if about != (asked.serial_number, asked.issuer_name_hash, asked.issuer_key_hash):
        raise NoAnswer
    ends = told.next_update_utc or told.this_update_utc + UNENDING
    if not told.this_update_utc - SKEW <= at <= ends:
        raise NoAnswer
    # RFC 9654: many responders prepare their answers and echo no nonce; a wrong one is a replay.
    nonces = [_nonce(one) for one in (told.extensions, asked.extensions)]
    if nonces[0] is not None and nonces[0] != nonces[1]:
        raise NoAnswer


def _answerer(told: ocsp.OCSPResponse, issuer: x509.Certificate, at: datetime) -> x509.Certificate:
    """The issuer itself, or somebody whom it certified for answering (RFC 6960 4.2.2.2)."""
    for certificate in told.certificates:
        if _may_answer(certificate, issuer, at):
            return certificate
    return issuer


def _may_answer(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    runs = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
    return runs and ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _verify(signer: x509.Certificate, told: ocsp.OCSPResponse) -> None:
    """Raises `InvalidSignature`, `NoAnswer`."""
    key, digest = signer.public_key(), told.signature_hash_algorithm
    if not isinstance(digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512):
        raise NoAnswer
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(told.signature, told.tbs_response_bytes, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(told.signature, told.tbs_response_bytes, padding.PKCS1v15(), digest)
    else:
        raise NoAnswer


def _nonce(extensions: x509.Extensions) -> bytes | None:
    for extension in extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            return extension.value.nonce
    return None


def _by_list(
    certificate: x509.Certificate, issuer: x509.Certificate, address: str, at: datetime
) -> Standing:
    raw = _fetched(address, b"", LONGEST_LIST)
    try:
        listed = x509.load_der_x509_crl(raw)
        right = listed.issuer == issuer.subject and listed.is_signature_valid(
            issuer.public_key()  # type: ignore[arg-type]
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoAnswer from error
    ends = listed.next_update_utc or listed.last_update_utc + UNENDING
    if not right or not listed.last_update_utc - SKEW <= at <= ends:
        raise NoAnswer
    if listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
        raise SignatureRefused("revoked")
    return Standing(LIST, raw)


def _fetched(address: str, body: bytes, longest: int) -> bytes:
    """Raises `NoAnswer`. Only an address of our own list; no redirect, no endless answer."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    builder = SyncClientBuilder().no_proxy().follow_redirects(False).timeout(TIMEOUT)
    try:
        if host.endswith("localhost"):
            builder = builder.resolve(host, address_of(host, port), port)
        with builder.build() as client:
            sent = client.post(address).body_bytes(body) if body else client.get(address)
            if body:
                sent = sent.header("content-type", "application/ocsp-request")
            with sent.build_streamed() as response:
                return _read(response, longest)
    except (RequestError, AddressRefused) as error:
        raise NoAnswer from error


def _read(response: SyncResponse, longest: int) -> bytes:
    if response.status != 200:
        raise NoAnswer
    read = bytearray()
    while chunk := response.body_reader.read(64 * 1024):
        read += bytes(chunk)
        if len(read) > longest:
            raise NoAnswer
    return bytes(read)
