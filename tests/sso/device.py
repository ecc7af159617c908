"""An authenticator made of software: keys, counters, and everything a forger could change."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG
ON_TOUCH = FLAG.UP | FLAG.UV


def origin() -> str:
    return str(settings.ISSUER).rstrip("/")


def rp_id() -> str:
    return origin().split("//")[1].split(":")[0]


@dataclass
class Device:
    """`count` None: a maker that leaves the counter at nought, as phones do."""

    count: int | None = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    handle: bytes = b""

    def create(self, options: dict[str, Any], **forged: Any) -> str:
        """What the page would post after `navigator.credentials.create`."""
        self.handle = websafe_decode(options["user"]["id"])
        credential = AttestedCredentialData.create(
            bytes(16), self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = self._data(forged, FLAG.AT, bytes(credential))
        made = AttestationObject.create("none", data, {})
        client = client_data("webauthn.create", options["challenge"], forged)
        return self._posted(clientDataJSON=client, attestationObject=bytes(made))

    def get(self, options: dict[str, Any], **forged: Any) -> str:
        """What the page would post after `navigator.credentials.get`."""
        data = self._data(forged, FLAG(0), b"")
        client = client_data("webauthn.get", options["challenge"], forged)
        signed = bytes(data) + hashlib.sha256(client).digest()
        signature = forged.get("signature") or self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._posted(
            clientDataJSON=client,
            authenticatorData=bytes(data),
            signature=signature,
            userHandle=forged.get("handle", self.handle),
        )

    def _data(self, forged: dict[str, Any], more: Any, credential: bytes) -> AuthenticatorData:
        if self.count is not None:
            self.count += 1
        site = hashlib.sha256(forged.get("rp_id", rp_id()).encode()).digest()
        flags = forged.get("flags", ON_TOUCH) | more
        return AuthenticatorData.create(
            site, flags, forged.get("count", self.count or 0), credential
        )

    def _posted(self, **parts: bytes) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.credential_id),
                "rawId": websafe_encode(self.credential_id),
                "type": "public-key",
                "response": {name: websafe_encode(part) for name, part in parts.items()},
                "clientExtensionResults": {},
            }
        )


def client_data(kind: str, challenge: str, forged: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "type": forged.get("type", kind),
            "challenge": forged.get("challenge", challenge),
            "origin": forged.get("origin", origin()),
            "crossOrigin": forged.get("cross_origin", False),
        }
    ).encode()


__all__ = ["FLAG", "ON_TOUCH", "Device", "origin", "rp_id"]
