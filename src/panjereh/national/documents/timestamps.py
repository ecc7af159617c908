"""A time stamper (RFC 3161) inside the process, with a P-256 key of its own.

It says that the bytes existed at this installation's clock. Production puts an outside authority
in its place: `sealing.stamper` is the one place that chooses.
"""

import hashlib

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import get_nonce

from panjereh.common import clock
from panjereh.national.documents.keys import Signer

POLICY = "1.3.6.1.4.1.13762.3"  # any policy; ours has no registered number yet
_DIGEST = algos.DigestAlgorithm({"algorithm": "sha256"})


class InProcessStamper(TimeStamper):
    def __init__(self, signer: Signer) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._key = signer.key
        der = signer.certificate.public_bytes(serialization.Encoding.DER)
        self._certificate = asn1_x509.Certificate.load(der)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        token = cms.ContentInfo(
            {"content_type": "signed_data", "content": self._signed(self._statement(req))}
        )
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _statement(self, req: tsp.TimeStampReq) -> bytes:
        said = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": req["message_imprint"],
            "serial_number": get_nonce(),  # type: ignore[no-untyped-call]
            "gen_time": clock.now().replace(microsecond=0),
            "tsa": asn1_x509.GeneralName("directory_name", self._certificate.subject),
        }
        if req["nonce"].native is not None:
            said["nonce"] = req["nonce"]
        return bytes(tsp.TSTInfo(said).dump())

    def _signed(self, statement: bytes) -> cms.SignedData:
        facts = {
            "content_type": "tst_info",
            "message_digest": hashlib.sha256(statement).digest(),
            "signing_certificate_v2": as_signing_certificate_v2(self._certificate),
        }
        attributes = cms.CMSAttributes([{"type": k, "values": [v]} for k, v in facts.items()])
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [_DIGEST],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(statement),
                },
                "certificates": [self._certificate],
                "signer_infos": [self._signer_info(attributes)],
            }
        )

    def _signer_info(self, attributes: cms.CMSAttributes) -> cms.SignerInfo:
        who = {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        return cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier("issuer_and_serial_number", who),
                "digest_algorithm": _DIGEST,
                "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                "signed_attrs": attributes,
                "signature": self._key.sign(attributes.dump(), ECDSA(hashes.SHA256())),
            }
        )
