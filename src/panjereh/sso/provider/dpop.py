"""DPoP: a token that only the holder of a key can use (RFC 9449).

Each proof needs a nonce of ours, so a proof cannot be made in advance, and its `jti` is good once.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from panjereh.common import clock
from panjereh.common.jws import base64url
from panjereh.sso.digests import keyed
from panjereh.sso.provider.seen import first_use

ALGORITHMS = ["ES256"]
NONCE_SECONDS = 60  # one is accepted for this long at least, and for twice as long at most
OLDEST = timedelta(seconds=120)
SKEW = timedelta(seconds=10)
LONGEST_JTI = 200


@dataclass(frozen=True)
class Proof:
    """`jkt` is the thumbprint of the key (RFC 7638)."""

    jkt: str


class ProofRefused(Exception):
    def __init__(self, description: str, error: str = "invalid_dpop_proof") -> None:
        super().__init__(description)
        self.error, self.description = error, description


def read_proof(request: HttpRequest, *, access_token: str = "") -> Proof | None:
    """The proof that came with the request, checked; None when none came."""
    header = request.headers.get("DPoP")
    if header is None:
        return None
    try:
        key, claims = _opened(header)
        _check_place(claims, request)
        _check_nonce(claims)
        _check_token(claims, access_token)
        _check_once(claims, key)
    except (JoseError, ValueError, UnicodeError, LookupError, TypeError, OverflowError) as error:
        raise ProofRefused("the proof cannot be read") from error
    return Proof(key.thumbprint())


def offer_nonce(response: HttpResponse) -> None:
    """Give the client the nonce of its next proof."""
    response["DPoP-Nonce"] = _nonce(_period())


def _opened(header: str) -> tuple[ECKey, dict[str, Any]]:
    """The key is in the proof itself; what counts is that the proof was signed with it."""
    head = jws.extract_compact(header.encode()).headers()
    if head.get("typ") != "dpop+jwt" or "d" in head["jwk"]:
        raise ProofRefused("typ must be dpop+jwt and jwk a public key")
    key = ECKey.import_key(head["jwk"])
    return key, dict(jwt.decode(header, key, ALGORITHMS).claims)


def _check_place(claims: dict[str, Any], request: HttpRequest) -> None:
    if claims["htm"] != request.method or claims["htu"] != f"{settings.ISSUER}{request.path}":
        raise ProofRefused("htm and htu must be of this request")


def _check_nonce(claims: dict[str, Any]) -> None:
    given, period = str(claims.get("nonce", "")).encode(), _period()
    if not any(hmac.compare_digest(given, _nonce(p).encode()) for p in (period, period - 1)):
        raise ProofRefused("use the nonce of this answer", "use_dpop_nonce")


def _check_token(claims: dict[str, Any], access_token: str) -> None:
    if access_token and claims["ath"] != base64url(hashlib.sha256(access_token.encode()).digest()):
        raise ProofRefused("ath must be of the access token")


def _check_once(claims: dict[str, Any], key: ECKey) -> None:
    now, made, jti = clock.now(), datetime.fromtimestamp(claims["iat"], UTC), claims["jti"]
    if not now - OLDEST <= made <= now + SKEW:
        raise ProofRefused("iat must be of this moment")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise ProofRefused("jti is missing or too long")
    if not first_use("dpop", key.thumbprint(), jti, made_at=made, until=made + OLDEST):
        raise ProofRefused("the proof was used before")


def _period() -> int:
    return int(clock.now().timestamp()) // NONCE_SECONDS


def _nonce(period: int) -> str:
    """The same in every process, and nobody else can make one."""
    return base64url(bytes.fromhex(keyed("dpop-nonce", str(period)))[:16])
