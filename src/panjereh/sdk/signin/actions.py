"""Sign in here, sign out here."""

import base64
import hashlib
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from panjereh.common import clock
from panjereh.sdk.signin.attempts import Attempt
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import issuer
from panjereh.sdk.signin.models import EndedSession, LocalSession
from panjereh.sdk.signin.person import (
    SESSION_KEY,
    Person,
    acr_of,
    as_kept,
    person_from_claims,
    person_in,
)
from panjereh.sdk.signin.receiving import tell_waiting_news
from panjereh.sdk.signin.sessions import SESSION_CAP
from panjereh.sdk.signin.tokens import Claims, check_id_token

SCOPE = "openid profile national_id phone"


def authorization_address(
    attempt: Attempt, *, redirect_uri: str, language: str, registration: bool
) -> str:
    """Where the browser is sent to sign in."""
    params = {
        "response_type": "code",
        "client_id": settings.SIGNIN["client_id"],
        "redirect_uri": redirect_uri,
        "scope": settings.SIGNIN.get("scope", SCOPE),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": _challenge(attempt.verifier),
        "code_challenge_method": "S256",
        "acr_values": acr_of(attempt.level),
        "ui_locales": language,
    }
    if registration:
        params["prompt"] = "create"
    return f"{issuer().metadata()['authorization_endpoint']}?{urlencode(params)}"


def finish(
    request: HttpRequest, attempt: Attempt, *, code: str, answered_by: str, redirect_uri: str
) -> Person:
    """Redeem the code, check what comes back, and keep the person in a session of a new key."""
    if answered_by != issuer().public:
        raise SignInFailed("provider-wrong", "the answer names another issuer")
    tokens = issuer().redeem(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
    )
    id_token, access = str(tokens.get("id_token", "")), str(tokens.get("access_token", ""))
    claims = check_id_token(id_token, nonce=attempt.nonce, access_token=access, level=attempt.level)
    told = issuer().userinfo(access)
    if told.get("sub") != claims["sub"]:
        raise SignInFailed("provider-wrong", "userinfo speaks of somebody else")
    person = person_from_claims(told, acr=str(claims["acr"]))
    _keep(request, person, id_token, claims)
    tell_waiting_news(person)
    return person


def _keep(request: HttpRequest, person: Person, id_token: str, claims: Claims) -> None:
    """A new session key against fixation; nothing of an earlier person stays."""
    before = person_in(request.session)
    if before and before.sub != person.sub:
        request.session.flush()
    else:
        request.session.cycle_key()
    sid = str(claims["sid"])
    request.session[SESSION_KEY] = {"person": as_kept(person), "sid": sid, "id_token": id_token}
    request.session.set_expiry(SESSION_CAP)
    request.session.save()
    LocalSession.objects.create(
        sid=sid, sub=person.sub, session_key=request.session.session_key or "", began_at=clock.now()
    )
    if EndedSession.objects.filter(sid=sid).exists():
        sign_out_here(request)
        raise SignInFailed("cancelled", "the session was ended while the sign-in was under way")


def sign_out_here(request: HttpRequest) -> str:
    """End the session of this site. Returns the id_token, for the sign-on wants to see it."""
    kept = request.session.get(SESSION_KEY) or {}
    LocalSession.objects.filter(session_key=request.session.session_key or "").delete()
    request.session.flush()
    return str(kept.get("id_token", ""))


def logout_address(id_token: str, *, back_to: str, language: str) -> str:
    """Where the browser is sent to sign out everywhere (SSO-14)."""
    params = {
        "id_token_hint": id_token,
        "client_id": settings.SIGNIN["client_id"],
        "post_logout_redirect_uri": back_to,
        "state": language,
        "ui_locales": language,
    }
    return f"{issuer().metadata()['end_session_endpoint']}?{urlencode(params)}"


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
