"""The authorization endpoint: from a client's request to a code, a sign-in or an error.

Until the client and its address are known to be right, an error is a page for the person; after
that it is a redirect to the client.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from django.conf import settings
from django.http import QueryDict

from panjereh.common import clock
from panjereh.sso.acting.asked import read_asked
from panjereh.sso.acting.models import Mandate
from panjereh.sso.acting.using import Chosen, MayNotAct, begin_use
from panjereh.sso.consents.queries import agreed
from panjereh.sso.levels import Level, by_acr, levels, reached, ways_towards
from panjereh.sso.models import RelyingParty
from panjereh.sso.people.queries import person
from panjereh.sso.portal.testing import may_enter
from panjereh.sso.provider.asked_claims import AskedClaims, ClaimsUnreadable, read_claims
from panjereh.sso.provider.claims import CLAIMS, of_scope, releasable
from panjereh.sso.provider.clients import Client
from panjereh.sso.provider.decision import (
    Delivered,
    SignedIn,
    Wish,
    decide,
    delivered,
    fresh_after,
    wanted_level,
)
from panjereh.sso.provider.errors import ClientError
from panjereh.sso.provider.hints import subject_of_hint
from panjereh.sso.provider.pushed import PREFIX, UnknownReference, pushed_request, use_up
from panjereh.sso.provider.representing import NeedsRepresentee, below_signature, for_whom
from panjereh.sso.provider.requests import ProtocolRequest, check_shape
from panjereh.sso.provider.server import CodeGrant, provider
from panjereh.sso.provider.store import NewGrant, SessionEnded, save_grant
from panjereh.sso.provider.subjects import subject
from panjereh.sso.sessions.actions import LiveSession, let_rest_longer

PROMPTS = {"none", "login", "create", "consent"}
MODES = ("query", "form_post")
LONGEST_NONCE = 200
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class BackToClient:
    """A code, or an error, at an address of the client that was checked. `iss` in the answer says
    who answers, on success and on error (RFC 9207)."""

    redirect_uri: str
    answer: dict[str, str]
    form_post: bool = False


@dataclass(frozen=True)
class NeedsSignIn:
    client_id: str
    registration: bool
    request: QueryDict = field(default_factory=QueryDict)


@dataclass(frozen=True)
class NeedsStepUp:
    """Signed in, but not as surely, or not as freshly, as this request asks for."""

    client_id: str
    wanted: Level
    missing: frozenset[str]
    request: QueryDict


@dataclass(frozen=True)
class NeedsConsent:
    """The site is not of the government: the person decides what it is told."""

    party: RelyingParty
    claims: list[str]
    request: QueryDict


@dataclass(frozen=True)
class NotTrusted:
    """The request names no client and address that belong together: say so on a page."""

    error: str


Answer = BackToClient | NeedsSignIn | NeedsStepUp | NeedsConsent | NeedsRepresentee | NotTrusted


def answer_request(
    params: QueryDict,
    session: LiveSession | None,
    *,
    fresh_since: datetime | None = None,
    chosen: Chosen | None = None,
) -> Answer:
    """`chosen` is for whom the person goes on, when the page of this request asked them."""
    try:
        check_shape(params)
        params = whole_request(params)
        grant = checked_grant(params)
    except UnknownReference:
        return NotTrusted("invalid_request_uri")
    except OAuth2Error as error:
        return _error_answer(params, error)
    try:
        return _answer_client(grant, params, session, fresh_since, chosen)
    except ClientError as error:
        return _to_client(grant.redirect_uri, params, error)


def whole_request(params: QueryDict) -> QueryDict:
    """What a reference stands for; what is sent beside it does not count (RFC 9101 6.3)."""
    uri = params.get("request_uri", "")
    if not uri.startswith(PREFIX):
        return params
    whole = pushed_request(uri, client_id=params.get("client_id", "")).copy()
    whole["request_uri"] = uri
    return whole


def checked_grant(params: QueryDict) -> CodeGrant:
    """Client, address, scope and PKCE. Raises Authlib's `OAuth2Error`."""
    return provider.get_consent_grant(ProtocolRequest("GET", params, {}))  # type: ignore[no-any-return]


def _error_answer(params: QueryDict, error: OAuth2Error) -> Answer:
    if not error.redirect_uri:
        return NotTrusted(error.error or "invalid_request")
    told = ClientError(error.error, error.get_error_description())
    return _to_client(error.redirect_uri, params, told)


def _to_client(redirect_uri: str, params: QueryDict, error: ClientError) -> BackToClient:
    told = {"error": error.error}
    if error.description:
        told["error_description"] = error.description
    return _back(redirect_uri, params, told)


def _back(redirect_uri: str, params: QueryDict, answer: dict[str, str]) -> BackToClient:
    state = {"state": str(params["state"])} if params.get("state") else {}
    whole = answer | state | {"iss": settings.ISSUER}
    return BackToClient(redirect_uri, whole, params.get("response_mode") == "form_post")


def _answer_client(
    grant: CodeGrant,
    params: QueryDict,
    session: LiveSession | None,
    fresh_since: datetime | None,
    chosen: Chosen | None,
) -> Answer:
    client: Client = grant.client
    if client.is_high and "request_uri" not in params:
        raise ClientError("invalid_request", "this client must push its requests (PAR)")
    wish = read_request(params, client)
    known = _known(session, client, wish)
    now = clock.now()
    verdict = decide(wish, known, levels=levels(), now=now, fresh_since=fresh_since)
    if verdict == "sign-in":
        return NeedsSignIn(client.client_id, "create" in wish.prompt, params)
    if session and verdict == "step-up":
        return _step_up(client, params, wish, session, now, fresh_since)
    if verdict != "pass" or session is None or known is None:
        raise ClientError(verdict)
    if not may_enter(client.party, session.person_id):
        raise ClientError("access_denied", "a test client lets in only its agency's developers")
    if unasked := _to_be_asked(grant, params, session, wish, fresh_since):
        return unasked
    wanted = wanted_level(wish, levels())
    acting = for_whom(
        params,
        client.party,
        session.person_id,
        wanted=wanted.level if wanted else 0,
        chosen=chosen,
    )
    if isinstance(acting, NeedsRepresentee):
        return acting
    offered = below_signature(levels()) if acting else levels()
    level = delivered(wish, known, levels=offered, now=now, fresh_since=fresh_since)
    if level is None:
        raise ClientError("login_required")
    try:
        return _issue(grant, params, session, level, acting)
    except SessionEnded:
        return NeedsSignIn(client.client_id, False, params)


def _step_up(
    client: Client,
    params: QueryDict,
    wish: Wish,
    session: LiveSession,
    now: datetime,
    fresh_since: datetime | None,
) -> NeedsStepUp:
    wanted = wanted_level(wish, levels())
    if wanted is None:
        raise ClientError("unmet_authentication_requirements")
    after = fresh_after(wish, wanted, now, fresh_since)
    have = [proof.way for proof in session.proofs if after is None or proof.at >= after]
    missing = ways_towards(wanted.level, have)
    return NeedsStepUp(client.client_id, wanted, missing, params)


def read_request(params: QueryDict, client: Client) -> Wish:
    """What the client wants of the sign-in. Raises `ClientError`."""
    _refuse_unsupported(params)
    read_asked(params, client.party)
    return read_wish(params, client)


def _to_be_asked(
    grant: CodeGrant,
    params: QueryDict,
    session: LiveSession,
    wish: Wish,
    fresh_since: datetime | None,
) -> NeedsConsent | None:
    party: RelyingParty = grant.client.party
    if not party.asks_consent:
        return None
    asked = _asked(params)
    wanted = [*of_scope(grant.request.scope), *asked.userinfo, *asked.id_token, *asked.verified]
    claims = releasable(party.granted_claims, wanted)
    again = (fresh_since or clock.now()) if "consent" in wish.prompt else None
    if agreed(session.person_id, party.client_id, claims, since=again):
        return None
    if "none" in wish.prompt:
        raise ClientError("consent_required")
    return NeedsConsent(party, claims, params)


def refusal(
    params: QueryDict, error: str = "access_denied", why: str = "the person did not agree"
) -> BackToClient:
    """The person said no. Only for a request that was found right a moment ago."""
    whole = whole_request(params)
    return _to_client(str(whole["redirect_uri"]), whole, ClientError(error, why))


def _known(session: LiveSession | None, client: Client, wish: Wish) -> SignedIn | None:
    if session is None:
        return None
    names = frozenset({person(session.person_id).national_id}) if wish.hinted_name else frozenset()
    return SignedIn(
        reached=reached(session.proofs, session.level),
        subject=subject(session.person_id, client.party.agency),
        names=names,
    )


def _issue(
    grant: CodeGrant,
    params: QueryDict,
    session: LiveSession,
    given: Delivered,
    acting: Mandate | None,
) -> BackToClient:
    asked = _asked(params)
    new = NewGrant(
        client_id=grant.client.client_id,
        person_id=session.person_id,
        session_id=session.sid,
        redirect_uri=grant.redirect_uri,
        scope=grant.request.scope,
        nonce=params.get("nonce", ""),
        code_challenge=params.get("code_challenge", ""),
        dpop_jkt=params.get("dpop_jkt", ""),
        userinfo_claims=[name for name in asked.userinfo if name in CLAIMS],
        id_token_claims=[name for name in asked.id_token if name in CLAIMS],
        verified_claims=[name for name in asked.verified if name in CLAIMS],
        level=given.level.level,
        ways=session.ways,
        authenticated_at=given.authenticated_at,
    )
    if "request_uri" in params and not use_up(str(params["request_uri"])):
        raise ClientError("invalid_request_uri", "the request was answered already")
    code = _code(new, grant.client.party, params, acting)
    if minutes := grant.client.party.session_minutes:
        let_rest_longer(session.sid, minutes)
    return _back(grant.redirect_uri, params, {"code": code})


def _code(new: NewGrant, party: RelyingParty, params: QueryDict, acting: Mandate | None) -> str:
    if acting is None:
        return save_grant(new)
    try:
        return begin_use(acting, new, party=party, service=params.get("service", ""))
    except MayNotAct as refused:
        raise ClientError("access_denied", "the mandate has just ended") from refused


def _refuse_unsupported(params: QueryDict) -> None:
    """Discovery says that we have neither; silence would drop what the client meant."""
    if "request" in params:
        raise ClientError("request_not_supported")
    if not params.get("request_uri", PREFIX).startswith(PREFIX):
        raise ClientError("request_uri_not_supported")
    if params.get("response_mode", "query") not in MODES:
        raise ClientError("invalid_request", "response_mode must be query or form_post")
    if len(params.get("nonce", "")) > LONGEST_NONCE:
        raise ClientError("invalid_request", "nonce is too long")
    if not _THUMBPRINT.fullmatch(params.get("dpop_jkt", "-" * 43)):
        raise ClientError("invalid_request", "dpop_jkt must be a SHA-256 thumbprint")


def read_wish(params: QueryDict, client: Client) -> Wish:
    acrs = _asked_acrs(params)
    found = [level.level for acr in acrs if (level := by_acr(acr))]
    return Wish(
        minimum=client.party.minimum_level,
        levels=found,
        named_levels=bool(acrs),
        prompt=_prompt(params),
        max_age=_max_age(params),
        hinted_subject=_hinted(params, client),
        hinted_name=params.get("login_hint", ""),
    )


def _asked_acrs(params: QueryDict) -> list[str]:
    """Named in `acr_values` or in `claims.id_token.acr`: both count, and both are kept."""
    return [*params.get("acr_values", "").split(), *_asked(params).acrs]


def _asked(params: QueryDict) -> AskedClaims:
    try:
        return read_claims(params.get("claims", ""))
    except ClaimsUnreadable as error:
        raise ClientError("invalid_request", str(error)) from error


def _prompt(params: QueryDict) -> frozenset[str]:
    prompt = frozenset(params.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise ClientError("invalid_request", "prompt must be none, login, create or consent")
    return prompt


def _max_age(params: QueryDict) -> int | None:
    text = params.get("max_age", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ClientError("invalid_request", "max_age must be a number of seconds")
    return int(text) if text else None


def _hinted(params: QueryDict, client: Client) -> str:
    hint = params.get("id_token_hint", "")
    if not hint:
        return ""
    try:
        return subject_of_hint(hint, client.party)
    except InvalidRequestError as error:
        raise ClientError("invalid_request", "id_token_hint is not one of ours") from error
