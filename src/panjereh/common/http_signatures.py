"""HTTP message signatures (RFC 9421) and content digests (RFC 9530), the parts we use.

Two algorithms: `ed25519` proves who calls the exchange, `hmac-sha256` proves to a provider that
the exchange calls. One label, `sig1`. All signed parts are metadata, so a signature may be kept.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

SIGNED_HEADERS = (
    "x-road-client",
    "x-road-id",
    "x-road-userid",
    "x-road-issue",
    "x-road-represented-party",
    "x-road-request-id",
    "idempotency-key",
    "content-type",
    "content-digest",
)
MAX_AGE_SECONDS = 60

_INPUT = re.compile(
    r'^sig1=(?P<params>\((?P<names>[^()]*)\);created=(?P<created>[0-9]{1,12});keyid="(?P<keyid>[^"]+)"'
    r';alg="(?P<alg>[a-z0-9-]+)")$'
)
_SIGNATURE = re.compile(r"^sig1=:(?P<value>[A-Za-z0-9+/=]+):$")

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


class SignatureRefused(Exception):
    """The message is not signed as it should be; `reason` is safe to show to its sender."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Claim:
    """What a signature says before it is verified: parse it, find the key, then `check` it."""

    keyid: str
    algorithm: str
    created: int
    base: bytes
    signature: bytes
    authority: str = ""  # whom the message was signed for; empty when it does not say

    def check(self, verify: Verify, now: float | None = None) -> None:
        """Raise `SignatureRefused` when the signature is forged, too old or from the future."""
        if abs((time.time() if now is None else now) - self.created) > MAX_AGE_SECONDS:
            raise SignatureRefused("the signature is too old or from the future")
        if not verify(self.base, self.signature):
            raise SignatureRefused("the signature does not match the message")


def content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def ed25519_signer(key: SigningKey) -> Sign:
    return lambda base: key.sign(base).signature


def ed25519_verifier(key: VerifyKey) -> Verify:
    def verify(base: bytes, signature: bytes) -> bool:
        try:
            key.verify(base, signature)
        except (BadSignatureError, ValueError):
            return False
        return True

    return verify


def hmac_signer(secret: bytes) -> Sign:
    return lambda base: hmac.digest(secret, base, "sha256")


def hmac_verifier(secret: bytes) -> Verify:
    return lambda base, sig: hmac.compare_digest(hmac.digest(secret, base, "sha256"), sig)


def sign(
    method: str,
    target: str,
    headers: Mapping[str, str],
    *,
    keyid: str,
    algorithm: str,
    signer: Sign,
    created: int | None = None,
    authority: str = "",
) -> dict[str, str]:
    """The two headers to add. `target` is path and query; `headers` has lower-case names. With an
    `authority` (host and port as sent) the message is good for that receiver alone."""
    names = _present(headers)
    moment = int(time.time()) if created is None else created
    listed = _listed(names, bool(authority))
    params = f'({listed});created={moment};keyid="{keyid}";alg="{algorithm}"'
    base = _base(names, params, method, target, headers, authority)
    value = base64.b64encode(signer(base)).decode()
    return {"signature-input": f"sig1={params}", "signature": f"sig1=:{value}:"}


def parse(method: str, target: str, headers: Mapping[str, str]) -> Claim:
    """Read the signature of a message. Every signed header that is present must be covered."""
    declared = _INPUT.match(headers.get("signature-input", ""))
    given = _SIGNATURE.match(headers.get("signature", ""))
    if declared is None or given is None:
        raise SignatureRefused("the message carries no signature in the agreed form")
    names = _present(headers)
    bound = '"@authority"' in declared["names"]
    if declared["names"] != _listed(names, bound):
        raise SignatureRefused(f"the signature must cover {_listed(names, bound)}")
    authority = headers.get("host", "").lower() if bound else ""
    if bound and not authority:
        raise SignatureRefused("the signature covers @authority, but there is no Host header")
    try:
        signature = base64.b64decode(given["value"], validate=True)
    except ValueError as error:
        raise SignatureRefused("the signature is not base64") from error
    base = _base(names, declared["params"], method, target, headers, authority)
    created = int(declared["created"])
    return Claim(declared["keyid"], declared["alg"], created, base, signature, authority)


def _present(headers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple([name for name in SIGNED_HEADERS if name in headers])


@lru_cache(maxsize=1024)  # every subset of SIGNED_HEADERS, twice
def _listed(names: tuple[str, ...], bound: bool) -> str:
    receiver = ("@authority",) if bound else ()
    return " ".join(f'"{name}"' for name in ("@method", *receiver, "@request-target", *names))


def _base(
    names: tuple[str, ...],
    params: str,
    method: str,
    target: str,
    headers: Mapping[str, str],
    authority: str,
) -> bytes:
    lines = [f'"@method": {method}']
    if authority:
        lines.append(f'"@authority": {authority}')
    lines.append(f'"@request-target": {target}')
    lines += [f'"{name}": {headers[name].strip()}' for name in names]
    lines.append(f'"@signature-params": {params}')
    return "\n".join(lines).encode()
