"""What a client wants of a sign-in, read from its request; what we do not have is an error."""

import re

from authlib.oauth2.rfc6749 import InvalidRequestError
from django.http import QueryDict

from panjereh.common.identifiers import InvalidIdentifier, parse_person_id
from panjereh.sso.acting.asked import read_asked
from panjereh.sso.levels import by_acr
from panjereh.sso.provider.asked_claims import AskedClaims, ClaimsUnreadable, read_claims
from panjereh.sso.provider.clients import Client
from panjereh.sso.provider.decision import Wish
from panjereh.sso.provider.errors import ClientError
from panjereh.sso.provider.hints import subject_of_hint
from panjereh.sso.provider.pushed import PREFIX
from panjereh.sso.provider.signing import least_level

PROMPTS = {"none", "login", "create", "consent"}
MODES = ("query", "form_post")
LONGEST_NONCE = 200
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256: of a key, or a subject of ours


def read_request(params: QueryDict, client: Client) -> Wish:
    """What the client wants of the sign-in. Raises `ClientError`."""
    _refuse_unsupported(params)
    read_asked(params, client.party)
    return read_wish(params, client)


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
    if not _DIGEST.fullmatch(params.get("dpop_jkt", "-" * 43)):
        raise ClientError("invalid_request", "dpop_jkt must be a SHA-256 thumbprint")


def read_wish(params: QueryDict, client: Client) -> Wish:
    acrs = _asked_acrs(params)
    found = [level.level for acr in acrs if (level := by_acr(acr))]
    return Wish(
        minimum=max(client.party.minimum_level, least_level(params)),
        levels=found,
        named_levels=bool(acrs),
        prompt=_prompt(params),
        max_age=_max_age(params),
        hinted_subject=_hinted(params, client),
        hinted_name=_named(params.get("login_hint", "")),
    )


def _asked_acrs(params: QueryDict) -> list[str]:
    """Named in `acr_values` or in `claims.id_token.acr`: both count, and both are kept."""
    return [*params.get("acr_values", "").split(), *claims_asked(params).acrs]


def claims_asked(params: QueryDict) -> AskedClaims:
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


def _named(hint: str) -> str:
    """A login_hint that names one of our people: a subject of ours or a number of the registries.
    Anything else, like an address for mail, names nobody whom we could tell from another."""
    if _DIGEST.fullmatch(hint):
        return hint
    try:
        return parse_person_id(hint)
    except InvalidIdentifier:
        return ""


def _hinted(params: QueryDict, client: Client) -> str:
    hint = params.get("id_token_hint", "")
    if not hint:
        return ""
    try:
        return subject_of_hint(hint, client.party)
    except InvalidRequestError as error:
        raise ClientError("invalid_request", "id_token_hint is not one of ours") from error
