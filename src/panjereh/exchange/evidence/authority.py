"""Who stamps the time: an authority outside over HTTP, or one inside the process for the sandbox.

The inner one has the same shape as that of the documents service, of which this floor knows
nothing; it uses the same certificate, because in the sandbox there is one national time stamper.
"""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from pyreqwest.client import Client

from panjereh.common import clock
from panjereh.exchange.evidence.outside import Unreachable, post

POLICY = "1.3.6.1.4.1.13762.3"  # any policy; ours has no registered number yet
_DIGEST = algos.DigestAlgorithm({"algorithm": "sha256"})


class TimeAuthority(Protocol):
    async def answer(self, request: bytes) -> bytes:
        """A DER TimeStampResp to a DER TimeStampReq; not yet checked."""


@dataclass(frozen=True)
class OutsideAuthority:
    url: str
    client: Client

    async def answer(self, request: bytes) -> bytes:
        answer = await post(self.client, self.url, request, "application/timestamp-query")
        if answer.status != 200:
            raise Unreachable(f"the time-stamping authority answered {answer.status}")
        return answer.body


class SandboxAuthority:
    def __init__(self, folder: Path) -> None:
        """`folder` holds time-stamper.key and time-stamper.crt."""
        certificate = x509.load_pem_x509_certificate((folder / "time-stamper.crt").read_bytes())
        key = serialization.load_pem_private_key(
            (folder / "time-stamper.key").read_bytes(), password=None
        )
        if not isinstance(key, EllipticCurvePrivateKey):
            raise ValueError("the time stamper's key is not an elliptic-curve key")
        self._key = key
        der = certificate.public_bytes(serialization.Encoding.DER)
        self._certificate = asn1_x509.Certificate.load(der)

    async def answer(self, request: bytes) -> bytes:
        statement = self._statement(tsp.TimeStampReq.load(request))
        token = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(statement)})
        answer = {"status": {"status": "granted"}, "time_stamp_token": token}
        return bytes(tsp.TimeStampResp(answer).dump())

    def _statement(self, request: tsp.TimeStampReq) -> bytes:
        said = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": clock.now().replace(microsecond=0),
            "tsa": asn1_x509.GeneralName("directory_name", self._certificate.subject),
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
                "certificates": [self._certificate],
                "signer_infos": [self._signer_info(self._attributes(statement))],
            }
        )

    def _attributes(self, statement: bytes) -> cms.CMSAttributes:
        fingerprint = hashlib.sha256(self._certificate.dump()).digest()
        facts = {
            "content_type": "tst_info",
            "message_digest": hashlib.sha256(statement).digest(),
            "signing_certificate_v2": {"certs": [{"cert_hash": fingerprint}]},
        }
        return cms.CMSAttributes([{"type": k, "values": [v]} for k, v in facts.items()])

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
