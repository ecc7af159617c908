"""Security events of the sign-on (RFC 8417): that something happened to a person, never what."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import issuer
from panjereh.sdk.signin.tokens import LEEWAY_SECONDS, LONGEST_AGE_SECONDS, decoded

TYPE = "secevent+jwt"


@dataclass(frozen=True, kw_only=True)
class SecurityEvent:
    """`kind` is the last word of its name. With a `sid` it is about that session only;
    `transaction` names what caused it, when others may have told us of that, too."""

    jti: str
    sub: str
    kind: str
    happened_at: datetime
    sid: str = ""
    transaction: str = ""


class EventRefused(Exception):
    """`code` is a word of RFC 8935, section 2.4."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_security_event(token: str) -> SecurityEvent:
    """Raises `EventRefused`; `SignInFailed` "provider-away" when the keys cannot be had."""
    try:
        claims = decoded(token, {TYPE})
    except SignInFailed as failure:
        if failure.reason == "provider-away":
            raise
        raise EventRefused("invalid_key") from failure
    if claims.get("iss") != issuer().public:
        raise EventRefused("invalid_issuer")
    if claims.get("aud") not in (settings.SIGNIN["client_id"], [settings.SIGNIN["client_id"]]):
        raise EventRefused("invalid_audience")
    try:
        return _event(claims)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise EventRefused("invalid_request") from error


def _event(claims: dict[str, Any]) -> SecurityEvent:
    now, made = time.time(), float(claims["iat"])
    if not now - LONGEST_AGE_SECONDS < made < now + LEEWAY_SECONDS:
        raise ValueError("too old, or from the future")
    (name,) = claims["events"]
    subject = claims["sub_id"]
    user, session = subject.get("user", subject), subject.get("session", {})
    if user["format"] != "iss_sub" or user["iss"] != issuer().public:
        raise ValueError("it speaks of somebody of another issuer")
    return SecurityEvent(
        jti=_word(claims["jti"]),
        sub=_word(user["sub"]),
        kind=name.replace(":", "/").rpartition("/")[2],
        happened_at=datetime.fromtimestamp(claims.get("toe", made), UTC),
        sid=_word(session["id"]) if session else "",
        transaction=str(claims.get("txn", ""))[:160],
    )


def _word(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 80:
        raise ValueError("a name is missing")
    return value
