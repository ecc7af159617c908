"""A time-stamping authority (RFC 3161) inside the process, with a P-256 key of its own.

It says that bytes existed at this installation's clock: the sandbox has one for documents and for
the exchange's log. Production names an outside authority instead.
"""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey

from panjereh.common import clock

POLICY = "1.3.6.1.4.1.13762.3"  # any policy; ours has no registered number yet
_DIGEST = algos.DigestAlgorithm({"algorithm": "sha256"})


@dataclass(frozen=True)
class InnerAuthority:
    key: EllipticCurvePrivateKey
    certificate: asn1_x509.Certificate

    @classmethod
    def of(cls, key: EllipticCurvePrivateKey, certificate: x509.Certificate) -> "InnerAuthority":
        der = certificate.public_bytes(serialization.Encoding.DER)
        return cls(key, asn1_x509.Certificate.load(der))

    @classmethod
    def load(cls, folder: Path) -> "InnerAuthority":
        """`folder` holds time-stamper.key and time-stamper.crt."""
        pem = (folder / "time-stamper.key").read_bytes()
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise ValueError("the time stamper's key is not an elliptic-curve key")
        crt = (folder / "time-stamper.crt").read_bytes()
        return cls.of(key, x509.load_pem_x509_certificate(crt))

    def stamped(self, request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        signed = self._signed(self._statement(request))
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _statement(self, request: tsp.TimeStampReq) -> bytes:
        said = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": clock.now().replace(microsecond=0),
            "tsa": asn1_x509.GeneralName("directory_name", self.certificate.subject),
        }
        if request["nonce"].native is not None:
            said["nonce"] = request["nonce"]
        return bytes(tsp.TSTInfo(said).dump())

    def _signed(self, statement: bytes) -> cms.SignedData:
        content = core.ParsableOctetString(statement)
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [_DIGEST],
                "encap_content_info": {"content_type": "tst_info", "content": content},
                "certificates": [self.certificate],
                "signer_infos": [self._signer_info(self._attributes(statement))],
            }
        )

    def _attributes(self, statement: bytes) -> cms.CMSAttributes:
        facts = {
            "content_type": "tst_info",
            "message_digest": hashlib.sha256(statement).digest(),
            "signing_certificate_v2": {"certs": [self._named()]},
        }
        return cms.CMSAttributes([{"type": k, "values": [v]} for k, v in facts.items()])

    def _named(self) -> dict[str, Any]:
        """The certificate that the signature itself names (RFC 5816)."""
        issuer = [asn1_x509.GeneralName("directory_name", self.certificate.issuer)]
        return {
            "cert_hash": hashlib.sha256(self.certificate.dump()).digest(),
            "issuer_serial": {"issuer": issuer, "serial_number": self.certificate.serial_number},
        }

    def _signer_info(self, attributes: cms.CMSAttributes) -> cms.SignerInfo:
        who = {"issuer": self.certificate.issuer, "serial_number": self.certificate.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier("issuer_and_serial_number", who),
                "digest_algorithm": _DIGEST,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signed_attrs": attributes,
                "signature": self.key.sign(attributes.dump(), ECDSA(hashes.SHA256())),
            }
        )
