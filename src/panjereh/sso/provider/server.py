"""The OpenID provider: Authlib's authorization code flow with our store and our stricter rules.

What Authlib 1.9.9 would let through and we do not, each with its test: a client without PKCE, a
challenge without a method (taken for `plain`), an unknown client told from a wrong secret.
"""

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import unquote_plus

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants.code import OpenIDCode
from django.conf import settings
from django.http import HttpResponse, JsonResponse

from panjereh.common import clock
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.levels import by_number
from panjereh.sso.models import Grant, RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider import keys, store
from panjereh.sso.provider.claims import SCOPES
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party

_NOBODYS_SECRET = sha256(new_secret())


class Client:
    """A relying party in the words of Authlib."""

    def __init__(self, party: RelyingParty) -> None:
        self.party = party
        self.client_id = party.client_id
        self.id_token_signed_response_alg = party.id_token_alg

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: the client names one of its addresses each time."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Unknown scopes are left out; without `openid` there is nothing we could answer."""
        allowed = [name for name in (scope or "").split() if name in SCOPES]
        return " ".join(dict.fromkeys(allowed)) if "openid" in allowed else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.party.redirect_uris  # equal as strings, RFC 9700 2.1

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class RedeemedCode:
    """A grant in the words of Authlib."""

    code_challenge_method = "S256"

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.code_challenge = grant.code_challenge

    def get_redirect_uri(self) -> str:
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        return self.grant.scope

    def get_nonce(self) -> str:
        return self.grant.nonce

    def get_auth_time(self) -> int:
        return int(self.grant.authenticated_at.timestamp())

    def get_acr(self) -> str:
        return by_number(self.grant.level).acr

    def get_amr(self) -> list[str]:
        return list(self.grant.ways)


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def create_authorization_response(
        self, redirect_uri: str, grant_user: store.NewGrant
    ) -> tuple[int, str, list[tuple[str, str]]]:
        code = store.save_grant(grant_user)
        location = client_address(redirect_uri, {"code": code}, self.request.payload.state)
        return 303, "", [("Location", location)]

    def query_authorization_code(self, code: str, client: Client) -> RedeemedCode | None:
        grant = store.spend_code(code, client_id=client.client_id)
        return RedeemedCode(grant) if grant else None

    def delete_authorization_code(self, authorization_code: RedeemedCode) -> None:
        """Spent when it was read, before anything else could fail."""

    def authenticate_user(self, authorization_code: RedeemedCode) -> Grant:
        return authorization_code.grant


class S256Only(CodeChallenge):  # type: ignore[misc]
    """PKCE for every client, with S256 named in words; nothing is taken for `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]
    CODE_CHALLENGE_METHODS = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}
    DEFAULT_CODE_CHALLENGE_METHOD = None

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge with code_challenge_method=S256 is required")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]
    def __call__(self, grant: CodeGrant) -> None:
        # Prompts and nonces of the request are dealt with in authorize.py.
        grant.register_hook("after_create_token_response", self.process_token)

    def resolve_client_private_key(self, client: Client) -> keys.PrivateKey:
        return keys.signing_key(client.party.id_token_alg)

    def get_encode_header(self, client: Client) -> dict[str, str | None]:
        key = keys.signing_key(client.party.id_token_alg)
        return {"alg": client.party.id_token_alg, "kid": key.kid, "typ": "JWT"}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        life = int(policy().id_token.total_seconds())
        return {"iss": settings.ISSUER, "aud": client.client_id, "iat": now, "exp": now + life}

    def generate_user_info(self, user: Grant, scope: str) -> dict[str, str]:
        sector = relying_party(user.client_id)
        if sector is None:
            raise InvalidRequestError("the client was closed")
        return {"sub": subject(user.person_id, sector.agency), "sid": str(user.session_id)}


class Provider(AuthorizationServer):  # type: ignore[misc]
    def query_client(self, client_id: str) -> Client | None:
        party = relying_party(client_id)
        return Client(party) if party else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Done by `_bearer`, which knows the grant."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(
        self, status: int, body: Any, headers: list[tuple[str, str]]
    ) -> HttpResponse:
        answer = (
            JsonResponse(body, status=status)
            if isinstance(body, dict)
            else HttpResponse(body, status=status)
        )
        for name, value in headers:
            answer[name] = value
        return answer


def _bearer(*, user: Grant, scope: str, **_: Any) -> dict[str, Any]:
    return {
        "token_type": "Bearer",
        "access_token": store.save_access_token(user.id),
        "expires_in": int(policy().access_token.total_seconds()),
        "scope": scope,
    }


def _by_basic(_: Any, request: OAuth2Request) -> Client | None:
    """RFC 6749 2.3.1: id and secret are form-encoded before they are put together."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    if request.form.get("client_secret"):
        raise InvalidRequestError("authenticate the client in one way only")
    try:
        user, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return _with_secret(unquote_plus(user), unquote_plus(secret)) if colon else None


def _by_post(_: Any, request: OAuth2Request) -> Client | None:
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    if not client_id or not secret:
        return None
    if request.headers.get("Authorization"):
        raise InvalidRequestError("authenticate the client in one way only")
    return _with_secret(client_id, secret)


def _with_secret(client_id: str, secret: str) -> Client | None:
    """An unknown client takes the same time and gets the same answer as a wrong secret."""
    party = relying_party(client_id)
    kept = party.secret_sha256 if party else _NOBODYS_SECRET
    right = hmac.compare_digest(kept, sha256(secret))
    return Client(party) if party and right else None


def client_address(redirect_uri: str, answer: dict[str, str], state: str | None) -> str:
    """An answer to the client. `iss` says who answers, on success and on error (RFC 9207)."""
    params = answer | ({"state": state} if state else {}) | {"iss": settings.ISSUER}
    return str(add_params_to_uri(redirect_uri, list(params.items())))


def _build() -> Provider:
    built = Provider()
    built.register_token_generator("default", _bearer)
    built.register_client_auth_method("client_secret_basic", _by_basic)
    built.register_client_auth_method("client_secret_post", _by_post)
    built.register_grant(CodeGrant, [S256Only(required=True), IdToken()])
    return built


provider = _build()
