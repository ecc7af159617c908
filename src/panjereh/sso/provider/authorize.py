"""The authorization endpoint: from a client's request to a code, a sign-in or an error.

Until the client and its address are known to be right, an error is a page for the person; after
that it is a redirect to the client.
"""

from dataclasses import dataclass, field
from datetime import datetime

from authlib.oauth2 import OAuth2Error
from django.conf import settings
from django.http import QueryDict

from panjereh.common import clock
from panjereh.sso.acting.models import Mandate
from panjereh.sso.acting.using import Chosen, MayNotAct, begin_use
from panjereh.sso.consents.queries import agreed
from panjereh.sso.levels import Level, levels, reached, ways_towards
from panjereh.sso.models import RelyingParty
from panjereh.sso.people.queries import person
from panjereh.sso.portal.testing import may_enter
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
from panjereh.sso.provider.pushed import PREFIX, UnknownReference, pushed_request, use_up
from panjereh.sso.provider.representing import NeedsRepresentee, below_signature, for_whom
from panjereh.sso.provider.requests import ProtocolRequest, check_shape
from panjereh.sso.provider.server import CodeGrant, provider
from panjereh.sso.provider.signing import (
    hand_over_signature,
    lacks_signature,
    must_be_pushed,
)
from panjereh.sso.provider.store import NewGrant, SessionEnded, save_grant
from panjereh.sso.provider.subjects import subject
from panjereh.sso.provider.wishes import claims_asked, read_request
from panjereh.sso.sessions.actions import LiveSession, let_rest_longer
from panjereh.sso.signatures.queries import WAY as SIGNATURE


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
    must_be_pushed(params)
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
    return _to_sign(client, params, wish, session) or _let_through(
        grant, params, session, fresh_since, chosen, wish=wish, known=known, now=now
    )


def _let_through(
    grant: CodeGrant,
    params: QueryDict,
    session: LiveSession,
    fresh_since: datetime | None,
    chosen: Chosen | None,
    *,
    wish: Wish,
    known: SignedIn,
    now: datetime,
) -> Answer:
    """Who it is and how surely is settled; what is left is what the site may do."""
    client: Client = grant.client
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


def _to_sign(
    client: Client, params: QueryDict, wish: Wish, session: LiveSession
) -> NeedsStepUp | None:
    if not lacks_signature(params, session.person_id):
        return None
    wanted = wanted_level(wish, levels())
    if wanted is None or "none" in wish.prompt:
        raise ClientError("interaction_required", "the person has to sign")
    return NeedsStepUp(client.client_id, wanted, frozenset({SIGNATURE}), params)


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
    asked = claims_asked(params)
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
    asked = claims_asked(params)
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
    hand_over_signature(params, session.person_id, code)
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
