"""Check id_tokens and logout tokens: signature, issuer, audience, time, nonce, level."""

import hashlib
import hmac
import time
from collections.abc import Collection
from typing import Any

from django.conf import settings
from joserfc import jws, jwt
from joserfc.errors import JoseError

from panjereh.common.jws import base64url
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import issuer
from panjereh.sdk.signin.person import level_of

LEEWAY_SECONDS = 30
LONGEST_AGE_SECONDS = 600
ANOTHER = "another"  # whoever the person chooses at the sign-on
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

Claims = dict[str, Any]


def check_id_token(token: str, *, nonce: str, access_token: str, level: int) -> Claims:
    claims = _verified(token, typ="JWT")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise _wrong("the nonce is not ours")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token):
        raise _wrong("the access token does not belong to the id_token")
    if not claims.get("sub") or not claims.get("sid"):
        raise _wrong("the id_token names nobody")
    if level_of(str(claims.get("acr", ""))) < level:
        raise SignInFailed("level", "the sign-on gave a lower level than was asked for")
    return claims


def check_acting(told: Claims, id_token: Claims, asked: str) -> None:
    """Nobody is made to act for another unasked, nor for another one than was asked for."""
    acts, acts_too = id_token.get("act"), told.get("act")
    if acts is None and acts_too is None:
        if asked not in ("", ANOTHER, str(id_token["sub"])):
            raise _wrong("it is not for whom we asked")
        return
    if not isinstance(acts, dict) or not isinstance(acts_too, dict) or not acts.get("sub"):
        raise _wrong("it does not say who acts")
    if acts["sub"] != acts_too.get("sub") or not _is_mandate(told.get("mandate")):
        raise _wrong("userinfo says something else of who acts")
    if not asked or asked not in (ANOTHER, id_token["sub"]):
        raise _wrong("it is for somebody whom we did not ask for")


def _is_mandate(told: Any) -> bool:
    return isinstance(told, dict) and isinstance(told.get("services"), list) and "kind" in told


def check_logout_token(token: str) -> Claims:
    """OpenID Connect Back-Channel Logout 1.0, section 2.6."""
    claims = _verified(token, typ="logout+jwt")
    events = claims.get("events")
    if not isinstance(events, dict) or LOGOUT_EVENT not in events or "nonce" in claims:
        raise _wrong("this is not a logout token")
    if not claims.get("jti") or not (claims.get("sid") or claims.get("sub")):
        raise _wrong("the logout token names nobody")
    return claims


def _verified(token: str, *, typ: str) -> Claims:
    config, now = settings.SIGNIN, time.time()
    claims = decoded(token, {typ, None})
    if claims.get("iss") != issuer().public:
        raise _wrong("another issuer")
    audience = claims.get("aud")
    if audience not in (config["client_id"], [config["client_id"]]):
        raise _wrong("it is for another client")
    if _number(claims, "exp") < now - LEEWAY_SECONDS:
        raise _wrong("it has expired")
    if not now - LONGEST_AGE_SECONDS < _number(claims, "iat") < now + LEEWAY_SECONDS:
        raise _wrong("it is too old or from the future")
    return claims


def decoded(token: str, types: Collection[str | None]) -> Claims:
    """Only the agreed algorithms are tried, so a token cannot choose a weaker one (RFC 8725).

    `None` among the types: it need not say of which it is.
    """
    algorithms = list(settings.SIGNIN.get("algorithms", ["ES256"]))
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") not in algorithms:
            raise _wrong("its algorithm is not the agreed one")
        if header.get("typ") not in types:
            raise _wrong("it is of another kind")
        keys = issuer().keys(str(header.get("kid")))
        return dict(jwt.decode(token, keys, algorithms=algorithms).claims)
    except (JoseError, ValueError) as error:
        raise _wrong("its signature is not the sign-on's") from error


def _number(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if not isinstance(value, int | float):
        raise _wrong(f"{name} is missing")
    return value


def _half_hash(text: str) -> str:
    """OpenID Core 3.1.3.6, for the SHA-256 family that we accept."""
    half = hashlib.sha256(text.encode()).digest()[:16]
    return base64url(half)


def _wrong(detail: str) -> SignInFailed:
    return SignInFailed("provider-wrong", f"token refused: {detail}")
