"""RFC 3161: ask for a time stamp over a text, and check one offline.

A stamp says that the text existed at that time, by an authority that is neither the exchange nor a
party. Roots and the authorities under them come from whoever checks.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import algos, cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_LONGEST_CHAIN = 5
# What the parsers throw at bytes that are something else.
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, UnsupportedAlgorithm)


class StampRefused(Exception):
    """The stamp does not say what it should, or nobody we trust has said it."""


def stamp_request(text: str) -> bytes:
    """With a nonce, so that an old answer is no answer, and asking for the certificate."""
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    imprint = {"hash_algorithm": digest, "hashed_message": hashlib.sha256(text.encode()).digest()}
    request = {
        "version": "v1",
        "message_imprint": imprint,
        "nonce": secrets.randbits(63),
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(request).dump())


def check_answers(response: bytes, request: bytes) -> None:
    """Whether the response is to this request; its signature is checked by `check_stamp`."""
    asked = tsp.TimeStampReq.load(request)
    try:
        nonce = _statement(_signed_data(response))["nonce"].native
    except _MALFORMED as error:
        raise StampRefused("this is not a time stamp") from error
    if nonce != asked["nonce"].native:
        raise StampRefused("the time stamp answers another request")


def check_stamp(
    response: bytes,
    text: str,
    roots: Sequence[x509.Certificate],
    between: Sequence[x509.Certificate] = (),
) -> datetime:
    """The time at which `text` existed, by an authority under `roots`. Raises `StampRefused`."""
    try:
        signed = _signed_data(response)
        statement = _statement(signed)
        _check_imprint(statement, text)
        time: datetime = statement["gen_time"].native
        embedded = [_certificate(c.chosen) for c in signed["certificates"]]
        signer = _check_signature(signed, embedded)
        _check_purpose(signer)
        _check_chain(signer, [*embedded, *between], roots, time)
    except _MALFORMED as error:
        raise StampRefused("this is not a time stamp") from error
    return time


def _signed_data(response: bytes) -> cms.SignedData:
    parsed = tsp.TimeStampResp.load(response, strict=True)
    if parsed["status"]["status"].native not in {"granted", "granted_with_mods"}:
        raise StampRefused("the authority did not grant the time stamp")
    return parsed["time_stamp_token"]["content"]


def _statement(signed: cms.SignedData) -> tsp.TSTInfo:
    return signed["encap_content_info"]["content"].parsed


def _check_imprint(statement: tsp.TSTInfo, text: str) -> None:
    imprint = statement["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if algorithm not in _HASHES:
        raise StampRefused(f"the time stamp is over a weak digest: {algorithm}")
    if hashlib.new(algorithm, text.encode()).digest() != imprint["hashed_message"].native:
        raise StampRefused("the time stamp is over another text")


def _check_signature(
    signed: cms.SignedData, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    (info,) = signed["signer_infos"]
    attributes = {a["type"].native: a["values"][0] for a in info["signed_attrs"]}
    digest = _HASHES[info["digest_algorithm"]["algorithm"].native]
    content = signed["encap_content_info"]["content"].contents
    if attributes["message_digest"].native != hashlib.new(digest.name, content).digest():
        raise StampRefused("the time stamp's statement was altered")
    signer = _named_signer(attributes, certificates)
    _check_bytes(signer, info["signature"].native, info["signed_attrs"].untag().dump(), digest)
    return signer


def _named_signer(
    attributes: dict[str, cms.CMSAttribute], certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """The certificate that the signature itself names, by its digest (RFC 5816)."""
    named = attributes["signing_certificate_v2"]["certs"][0]
    algorithm = _HASHES[named["hash_algorithm"]["algorithm"].native]
    for certificate in certificates:
        if certificate.fingerprint(algorithm) == named["cert_hash"].native:
            return certificate
    raise StampRefused("the certificate of the authority is not in the time stamp")


def _check_bytes(
    signer: x509.Certificate, signature: bytes, data: bytes, digest: hashes.HashAlgorithm
) -> None:
    key = signer.public_key()
    try:
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA(digest))
        elif isinstance(key, RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), digest)
        else:
            raise StampRefused("the authority signs with an algorithm that is not known here")
    except InvalidSignature as error:
        raise StampRefused("the signature of the time stamp is wrong") from error


def _check_purpose(signer: x509.Certificate) -> None:
    """RFC 3161 section 2.3: the key stamps times and does nothing else."""
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise StampRefused("the certificate is not one of a time-stamping authority") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise StampRefused("the certificate is not one of a time-stamping authority")


def _check_chain(
    signer: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    time: datetime,
) -> None:
    current = signer
    for _ in range(_LONGEST_CHAIN):
        if not current.not_valid_before_utc <= time <= current.not_valid_after_utc:
            raise StampRefused("a certificate was not valid at the time of the stamp")
        if current in roots:
            return
        above = next((c for c in [*roots, *between] if _issued(c, current)), None)
        if above is None:
            break
        current = above
    raise StampRefused("the authority does not lead to a root that is trusted here")


def _issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    if authority == certificate or not _may_issue(authority):
        return False
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _may_issue(authority: x509.Certificate) -> bool:
    try:
        return authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _certificate(embedded: cms.CertificateChoices) -> x509.Certificate:
    return x509.load_der_x509_certificate(embedded.dump())
