"""Compact JWS with Ed25519 (RFC 7515): the parts we use, read as strictly as written.

`alg` is always Ed25519 (RFC 9864, which gives up the name EdDSA) and is never taken from the
message; `typ` says what kind of statement it is, so one kind cannot be shown for another.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

ALGORITHM = "Ed25519"

KeyOf = Callable[[str], VerifyKey | None]  # by `kid`


class JwsRefused(ValueError):
    """The text says why, and nothing of what was signed."""


def sign(payload: Mapping[str, Any], key: SigningKey, *, kind: str, kid: str) -> str:
    header = {"alg": ALGORITHM, "kid": kid, "typ": kind}
    signed = f"{_part(header)}.{_part(payload)}"
    return f"{signed}.{base64url(key.sign(signed.encode()).signature)}"


def open_signed(token: str, key_of: KeyOf, *, kind: str) -> dict[str, Any]:
    """The payload, when the key that it names signed it. Raises `JwsRefused`."""
    try:
        signed, _, signature = token.rpartition(".")
        head, _, payload = signed.partition(".")
        header = json.loads(from_base64url(head))
        if set(header) != {"alg", "kid", "typ"}:
            raise JwsRefused("the header is not ours")
        if (header["alg"], header["typ"]) != (ALGORITHM, kind):
            raise JwsRefused(f"it is no {kind}")
        if (key := key_of(header["kid"])) is None:
            raise JwsRefused("the key is not known")
        key.verify(signed.encode(), from_base64url(signature))
        content = json.loads(from_base64url(payload))
    except BadSignatureError as error:
        raise JwsRefused("the signature does not match") from error
    except JwsRefused:
        raise
    except (ValueError, TypeError, RecursionError) as error:
        raise JwsRefused("it is no compact JWS") from error
    if not isinstance(content, dict):
        raise JwsRefused("it is no compact JWS")
    return content


def public_jwk(key: VerifyKey) -> dict[str, str]:
    public = {"crv": "Ed25519", "kty": "OKP", "x": base64url(key.encode())}
    return {**public, "alg": ALGORITHM, "kid": thumbprint(key), "use": "sig"}


def thumbprint(key: VerifyKey) -> str:
    """RFC 7638, the name by which a key is called."""
    members = f'{{"crv":"Ed25519","kty":"OKP","x":"{base64url(key.encode())}"}}'
    return base64url(hashlib.sha256(members.encode()).digest())


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    octets = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64url(octets) != text:
        raise JwsRefused("it is no compact JWS")
    return octets


def _part(members: Mapping[str, Any]) -> str:
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    return base64url(text.encode())
