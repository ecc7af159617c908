"""A sign-in under way. Each has a cookie of its own, so several tabs do not disturb each other.

The cookie is signed, lives in this browser only and is used once: a callback without it is a
forged one. It holds what the browser may know about its own attempt.
"""

import secrets
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "panjereh.signin.attempt"
LIFE_SECONDS = 3600  # registering on the way may take a while
MOST_AT_ONCE = 6
_NAME = "signin-"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    state: str
    nonce: str
    verifier: str
    next: str
    level: int
    representee: str = ""
    service: str = ""
    scope: str = ""  # for a token of this scope, and no sign-in
    signing: str = ""  # for a signature of this fingerprint, and no sign-in


def new_attempt(
    *,
    next_address: str,
    level: int,
    representee: str = "",
    service: str = "",
    scope: str = "",
    signing: str = "",
) -> Attempt:
    return Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        next=next_address,
        level=level,
        representee=representee,
        service=service,
        scope=scope,
        signing=signing,
    )


def keep(response: HttpResponse, request: HttpRequest, attempt: Attempt) -> None:
    for name in _open(request)[: -MOST_AT_ONCE + 1]:
        response.delete_cookie(name)
    response.set_cookie(
        _name(attempt.state),
        signing.dumps(asdict(attempt), salt=SALT, compress=True),
        max_age=LIFE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def find(request: HttpRequest, state: str) -> Attempt | None:
    """The attempt that this answer belongs to, if it was made in this browser."""
    try:
        kept = signing.loads(request.COOKIES.get(_name(state), ""), salt=SALT, max_age=LIFE_SECONDS)
    except signing.BadSignature:
        return None
    attempt = Attempt(**kept)
    return attempt if secrets.compare_digest(attempt.state.encode(), state.encode()) else None


def forget(response: HttpResponse, state: str) -> None:
    response.delete_cookie(_name(state), samesite="Lax")


def _open(request: HttpRequest) -> list[str]:
    return [name for name in request.COOKIES if name.startswith(_prefix())]


def _prefix() -> str:
    return f"__Host-{_NAME}" if settings.SESSION_COOKIE_SECURE else _NAME


def _name(state: str) -> str:
    kept = "".join(c for c in state[:16] if c.isalnum() or c in "-_")
    return f"{_prefix()}{kept}"
