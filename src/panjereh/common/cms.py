"""CMS signatures (RFC 5652, CAdES baseline B) whose key lies somewhere else.

In three steps, because a token or a signing service signs in between: what is to be signed, its
signature, and the container that holds both.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding

_SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})
_HALF = 32


@dataclass(frozen=True)
class Unsigned:
    """`to_sign` are the bytes that the key signs with SHA-256."""

    content: bytes
    certificate: x509.Certificate

    @property
    def to_sign(self) -> bytes:
        return bytes(self._attributes().dump())

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.to_sign).digest()

    def signed(self, signature: bytes, others: list[x509.Certificate]) -> bytes:
        """The container as DER, with the certificate and those above it, without the content."""
        own, *above = [_asn1(c) for c in (self.certificate, *others)]
        data = cms.SignedData(
            {
                "version": "v1",
                "digest_algorithms": [_SHA256],
                "encap_content_info": {"content_type": "data"},
                "certificates": [own, *above],
                "signer_infos": [self._signer(own, signature)],
            }
        )
        return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data}).dump())

    def _signer(self, own: asn1_x509.Certificate, signature: bytes) -> cms.SignerInfo:
        who = {"issuer": own.issuer, "serial_number": own.serial_number}
        name = "sha256_ecdsa" if self.is_elliptic else "sha256_rsa"
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier("issuer_and_serial_number", who),
                "digest_algorithm": _SHA256,
                "signed_attrs": self._attributes(),
                "signature_algorithm": {"algorithm": name},
                "signature": signature,
            }
        )

    @property
    def is_elliptic(self) -> bool:
        return isinstance(self.certificate.public_key(), ec.EllipticCurvePublicKey)

    def _attributes(self) -> cms.CMSAttributes:
        """The certificate itself is signed too, so that none can be put in its place."""
        named = hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).digest()
        facts: dict[str, Any] = {
            "content_type": "data",
            "message_digest": hashlib.sha256(self.content).digest(),
            "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [{"cert_hash": named}]}),
        }
        return cms.CMSAttributes([{"type": k, "values": [v]} for k, v in facts.items()])


def der_of_raw(raw: bytes) -> bytes:
    """r and s side by side, as tokens and JWS write them, in the form that CMS wants."""
    if len(raw) != 2 * _HALF:
        raise ValueError("not a P-256 signature")
    return utils.encode_dss_signature(
        int.from_bytes(raw[:_HALF], "big"), int.from_bytes(raw[_HALF:], "big")
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
