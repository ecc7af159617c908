"""The authorization endpoint: from a client's request to a code, a sign-in or an error.

Until the client and its address are known to be right, an error is a page for the person; after
that it is a redirect to the client.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from django.http import HttpResponse, QueryDict

from panjereh.common import clock
from panjereh.sso.levels import by_acr, levels
from panjereh.sso.provider.decision import SignedIn, Wish, decide, delivered_level
from panjereh.sso.provider.hints import subject_of_hint
from panjereh.sso.provider.requests import ProtocolRequest, check_shape
from panjereh.sso.provider.server import Client, CodeGrant, client_address, provider
from panjereh.sso.provider.store import NewGrant, SessionEnded
from panjereh.sso.provider.subjects import subject
from panjereh.sso.sessions.actions import LiveSession

PROMPTS = {"none", "login", "create"}
LONGEST_NONCE = 200


@dataclass(frozen=True)
class BackToClient:
    """A code, or an error, at an address of the client that was checked."""

    response: HttpResponse


@dataclass(frozen=True)
class NeedsSignIn:
    client_id: str
    registration: bool


@dataclass(frozen=True)
class NotTrusted:
    """The request names no client and address that belong together: say so on a page."""

    error: str


Answer = BackToClient | NeedsSignIn | NotTrusted


class ClientError(Exception):
    """An error that the client is told."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error, self.description = error, description


def answer_request(
    params: QueryDict, session: LiveSession | None, *, fresh_since: datetime | None = None
) -> Answer:
    try:
        check_shape(params)
        request = ProtocolRequest("GET", params, {})
        grant: CodeGrant = provider.get_consent_grant(request)
    except OAuth2Error as error:
        return _error_answer(params, error)
    try:
        return _answer_client(grant, params, session, fresh_since)
    except ClientError as error:
        return _to_client(grant.redirect_uri, params, error)


def _error_answer(params: QueryDict, error: OAuth2Error) -> Answer:
    if not error.redirect_uri:
        return NotTrusted(error.error or "invalid_request")
    told = ClientError(error.error, error.get_error_description())
    return _to_client(error.redirect_uri, params, told)


def _to_client(redirect_uri: str, params: QueryDict, error: ClientError) -> BackToClient:
    told = {"error": error.error}
    if error.description:
        told["error_description"] = error.description
    address = client_address(redirect_uri, told, params.get("state"))
    return BackToClient(HttpResponse(status=303, headers={"Location": address}))


def _answer_client(
    grant: CodeGrant, params: QueryDict, session: LiveSession | None, fresh_since: datetime | None
) -> Answer:
    client: Client = grant.client
    _refuse_unsupported(params)
    wish = read_wish(params, client)
    known = _known(session, client)
    verdict = decide(wish, known, levels=levels(), now=clock.now(), fresh_since=fresh_since)
    if verdict == "sign-in":
        return NeedsSignIn(client.client_id, registration="create" in wish.prompt)
    if verdict != "pass" or session is None or known is None:
        raise ClientError(verdict)
    level = delivered_level(known, levels=levels(), fresh_since=fresh_since)
    try:
        return BackToClient(_issue(grant, params, session, level.level))
    except SessionEnded:
        return NeedsSignIn(client.client_id, registration=False)


def _known(session: LiveSession | None, client: Client) -> SignedIn | None:
    if session is None:
        return None
    return SignedIn(
        level=session.level,
        authenticated_at=session.authenticated_at,
        subject=subject(session.person_id, client.party.agency),
    )


def _issue(grant: CodeGrant, params: QueryDict, session: LiveSession, level: int) -> HttpResponse:
    new = NewGrant(
        client_id=grant.client.client_id,
        person_id=session.person_id,
        session_id=session.sid,
        redirect_uri=grant.redirect_uri,
        scope=grant.request.scope,
        nonce=params.get("nonce", ""),
        code_challenge=params.get("code_challenge", ""),
        level=level,
        ways=session.ways,
        authenticated_at=session.authenticated_at,
    )
    response: HttpResponse = provider.create_authorization_response(
        grant.request, grant_user=new, grant=grant
    )
    return response


def _refuse_unsupported(params: QueryDict) -> None:
    """Discovery says that we have neither; silence would drop what the client meant."""
    if "request" in params:
        raise ClientError("request_not_supported")
    if "request_uri" in params:
        raise ClientError("request_uri_not_supported")
    if params.get("response_mode", "query") != "query":
        raise ClientError("invalid_request", "response_mode must be query")
    if len(params.get("nonce", "")) > LONGEST_NONCE:
        raise ClientError("invalid_request", "nonce is too long")


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
    )


def _asked_acrs(params: QueryDict) -> list[str]:
    """Named in `acr_values` or in `claims.id_token.acr`: both count, and both are kept."""
    asked = params.get("acr_values", "").split()
    try:
        claims = json.loads(params.get("claims") or "{}")
        acr = (claims.get("id_token") or {}).get("acr") or {}
        named = [*acr.get("values", []), *([acr["value"]] if "value" in acr else [])]
    except (ValueError, AttributeError, TypeError) as error:
        raise ClientError("invalid_request", "claims must be a JSON object") from error
    return [*asked, *map(str, named)]


def _prompt(params: QueryDict) -> frozenset[str]:
    prompt = frozenset(params.get("prompt", "").split())
    if not prompt <= PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise ClientError("invalid_request", "prompt must be none, login or create")
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
