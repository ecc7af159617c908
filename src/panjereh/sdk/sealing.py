"""A message as only its receiver can read it, and as nobody but its sender can have written it.

The sender signs (compact JWS, Ed25519) and seals that to the receiver's key (libsodium's sealed
box, X25519 of the receiver's Ed25519 key). The exchange carries it and can read nothing.
"""

import base64
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey, VerifyKey

from panjereh.common.jws import JwsRefused, open_signed, sign, thumbprint

KIND = "message+jwt"


class CannotOpen(ValueError):
    """The text says why, and nothing of what is inside."""


@dataclass(frozen=True)
class Between:
    """From whom to whom a message goes, and its id: signed with the body, so none can change."""

    sender: str
    receiver: str
    service: str
    x_road_id: str


def seal(body: Mapping[str, Any], between: Between, *, by: SigningKey, to_key: str) -> str:
    """Base64 of the sealed message."""
    signed = sign(
        {
            "iss": between.sender,
            "aud": between.receiver,
            "service": between.service,
            "jti": between.x_road_id,
            "iat": int(time.time()),
            "body": body,
        },
        by,
        kind=KIND,
        kid=thumbprint(by.verify_key),
    )
    receiver = VerifyKey(bytes.fromhex(to_key)).to_curve25519_public_key()
    return base64.b64encode(SealedBox(receiver).encrypt(signed.encode())).decode()


def unseal(
    sealed: str, between: Between, *, key: SigningKey, sender_keys: Iterable[str]
) -> dict[str, Any]:
    """The body. Raises `CannotOpen` when it is not for this key, or not from this sender."""
    try:
        private = SealedBox(key.to_curve25519_private_key())
        signed = private.decrypt(base64.b64decode(sealed, validate=True)).decode()
    except (CryptoError, ValueError) as error:
        raise CannotOpen("it is not sealed for this key") from error
    known = {thumbprint(one): one for one in (VerifyKey(bytes.fromhex(k)) for k in sender_keys)}
    try:
        told = open_signed(signed, known.get, kind=KIND)
    except JwsRefused as error:
        raise CannotOpen("it is not signed by a key of its sender") from error
    said = Between(told.get("iss"), told.get("aud"), told.get("service"), told.get("jti"))  # type: ignore[arg-type]
    if said != between or not isinstance(told.get("body"), dict):
        raise CannotOpen("it was written for somebody else")
    body: dict[str, Any] = told["body"]
    return body


def own_key(keys: Path, system: str, public_key: str) -> SigningKey:
    """The private key of a system whose public half is this. While keys change there are two:
    `<system>.ed25519` and, for what is still on its way, `<system>.before.ed25519`."""
    for name in (f"{system}.ed25519", f"{system}.before.ed25519"):
        file = keys / "systems" / name
        if file.exists():
            key = SigningKey(bytes.fromhex(file.read_text().strip()))
            if key.verify_key.encode().hex() == public_key:
                return key
    raise CannotOpen("it is sealed for a key that this system does not have")
