"""Sign in here, sign out here."""

import hashlib
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from panjereh.common import clock
from panjereh.common.jws import base64url
from panjereh.sdk.signin.access import keep_access
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
from panjereh.sdk.signin.redeeming import Answer, Redeemed, redeem
from panjereh.sdk.signin.sessions import SESSION_CAP
from panjereh.sdk.signin.signing import ToSign, keep_signature, pushed
from panjereh.sdk.signin.tokens import ANOTHER, Claims, check_acting

SCOPE = "openid profile national_id fida phone"


def authorization_address(
    attempt: Attempt, *, redirect_uri: str, language: str, registration: bool
) -> str:
    """Where the browser is sent to sign in."""
    params = _params(attempt, redirect_uri, language)
    if registration:
        params["prompt"] = "create"
    if attempt.service:
        params["service"] = attempt.service
    return _at_sign_on(params)


def signing_address(
    attempt: Attempt, wanted: ToSign, person: Person, *, redirect_uri: str, language: str
) -> str:
    """Where the browser is sent to sign this text."""
    return _at_sign_on(pushed(_params(attempt, redirect_uri, language), wanted, sub=person.sub))


def _at_sign_on(params: dict[str, str]) -> str:
    return f"{issuer().metadata()['authorization_endpoint']}?{urlencode(params)}"


def _params(attempt: Attempt, redirect_uri: str, language: str) -> dict[str, str]:
    return {
        "response_type": "code",
        "client_id": settings.SIGNIN["client_id"],
        "redirect_uri": redirect_uri,
        "scope": _scope(attempt),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": _challenge(attempt.verifier),
        "code_challenge_method": "S256",
        "acr_values": acr_of(attempt.level),
        "ui_locales": language,
    }


def _scope(attempt: Attempt) -> str:
    """On whose behalf is asked only when the person wants it: else everybody is oneself."""
    usual = str(settings.SIGNIN.get("scope", SCOPE))
    if attempt.scope:
        return f"openid {attempt.scope}"
    if attempt.signing:
        return "openid"  # who signs is known here; nothing is told anew
    if not attempt.representee:
        return usual
    whom = "*" if attempt.representee == ANOTHER else attempt.representee
    return f"{usual} representee.{whom}"


def finish(request: HttpRequest, attempt: Attempt, answer: Answer) -> None:
    """Redeem the code, check what comes back, and keep what was asked for."""
    redeemed = redeem(attempt, answer)
    if attempt.scope:
        keep_access(request, redeemed, attempt.scope)
    elif attempt.signing:
        _keep_signature(request, redeemed, attempt)
    else:
        _sign_in(request, attempt, redeemed)


def _keep_signature(request: HttpRequest, redeemed: Redeemed, attempt: Attempt) -> None:
    """The person who signs is the one who is signed in here, and stays so as before."""
    person = person_in(request.session)
    if person is None:
        raise SignInFailed("lost", "nobody is signed in here any more")
    keep_signature(person, redeemed, attempt.signing)


def _sign_in(request: HttpRequest, attempt: Attempt, redeemed: Redeemed) -> Person:
    """The person is kept in a session of a new key."""
    claims = redeemed.claims
    told = issuer().userinfo(redeemed.access)
    if told.get("sub") != claims["sub"]:
        raise SignInFailed("provider-wrong", "userinfo speaks of somebody else")
    check_acting(told, claims, attempt.representee)
    person = person_from_claims(told, acr=str(claims["acr"]))
    _keep(request, person, redeemed.id_token, claims)
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
    return base64url(digest)
