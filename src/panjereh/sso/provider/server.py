"""The OpenID provider: Authlib's authorization code flow with our store and our stricter rules.

What Authlib 1.9.9 would let through and we do not, each with its test: a client without PKCE, a
challenge without a method (taken for `plain`), an unknown client told from a wrong secret.
"""

from typing import Any
from uuid import UUID

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants.code import OpenIDCode
from django.conf import settings
from django.http import HttpResponse, JsonResponse

from panjereh.common import clock
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.acting.claims import claims_of_use, use_of
from panjereh.sso.acting.refreshing import still_holds
from panjereh.sso.levels import by_number
from panjereh.sso.models import Grant, RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider import chains, keys, store
from panjereh.sso.provider.actions import release
from panjereh.sso.provider.claims import OFFLINE
from panjereh.sso.provider.clients import BY_KEY, WAYS, Client, by_assertion, by_basic, by_post
from panjereh.sso.provider.methods import method_references
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party
from panjereh.sso.signatures.queries import handed_details, signature_level


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
        return method_references(self.grant.ways)


class RefreshedGrant(RedeemedCode):
    """A grant whose refresh token was just used up."""

    def check_client(self, client: Client) -> bool:
        return self.grant.client_id == client.client_id

    def get_nonce(self) -> str:
        """The nonce was of the request that is long answered."""
        return ""


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = WAYS

    def query_authorization_code(self, code: str, client: Client) -> RedeemedCode | None:
        grant = store.spend_code(code, client_id=client.client_id)
        return RedeemedCode(grant) if grant else None

    def delete_authorization_code(self, authorization_code: RedeemedCode) -> None:
        """Spent when it was read, before anything else could fail."""

    def authenticate_user(self, authorization_code: RedeemedCode) -> Grant:
        return _bound(authorization_code.grant, self.request)


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = WAYS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshedGrant | None:
        client_id = self.request.client.client_id
        if use := chains.mandate_use_of(refresh_token, client_id=client_id):
            _read_mandate_anew(use)
        grant = chains.use_link(refresh_token, client_id=client_id)
        return RefreshedGrant(grant) if grant else None

    def authenticate_user(self, refresh_token: RefreshedGrant) -> Grant:
        self.request.authorization_code = refresh_token  # what the id_token says of the sign-in
        return _bound(refresh_token.grant, self.request)

    def revoke_old_credential(self, refresh_token: RefreshedGrant) -> None:
        """Used up when it was read."""


def _read_mandate_anew(use: UUID) -> None:
    """When it is over, all that it gave is revoked, and the link finds nothing to renew."""
    try:
        still_holds(use)
    except ExchangeError as error:
        raise RegistryAway from error


def _bound(grant: Grant, request: OAuth2Request) -> Grant:
    """RFC 9449: what a key was used for once is good with this key only."""
    proof = request.proof
    if (grant.dpop_jkt or request.client.is_high) and not proof:
        raise InvalidRequestError("a DPoP proof is required")
    if proof and not store.bind(grant, proof.jkt):
        raise InvalidGrantError("the grant is bound to another key")
    return grant


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

    def generate_user_info(self, user: Grant, scope: str) -> dict[str, Any]:
        party = relying_party(user.client_id)
        if party is None:
            raise InvalidRequestError("the client was closed")
        if user.mandate_use:
            return _acting(user, party)
        told = release(party, user, user.id, user.id_token_claims)
        return {"sub": subject(user.person_id, party.agency), "sid": str(user.session_id)} | told


def _acting(user: Grant, party: RelyingParty) -> dict[str, Any]:
    """The site knows each use of a mandate by a `sid` of its own, so it can end by itself."""
    use = use_of(user)
    if use is None:
        raise InvalidGrantError("the mandate is over")
    told = claims_of_use(use, user, party, user.id, user.id_token_claims)
    return told | {"sid": str(use.id)}


class RegistryAway(OAuth2Error):  # type: ignore[misc]
    """Nothing is decided, and the refresh token was not used up: it may be tried again."""

    error = "temporarily_unavailable"
    description = "a registry does not answer; try again with the same token"
    status_code = 503


class Provider(AuthorizationServer):  # type: ignore[misc]
    def query_client(self, client_id: str) -> Client | None:
        party = relying_party(client_id)
        return Client(party) if party else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Done by `_tokens`, which knows the grant."""

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


def _tokens(*, client: Client, user: Grant, scope: str, **_: Any) -> dict[str, Any]:
    life = policy().access_token_high if client.is_high else policy().access_token
    tokens: dict[str, Any] = {
        "token_type": "DPoP" if user.dpop_jkt else "Bearer",
        "access_token": store.save_access_token(user.id, life),
        "expires_in": int(life.total_seconds()),
        "scope": scope,
    }
    if user.level >= signature_level() and (details := handed_details(user)):
        tokens["authorization_details"] = details
    if OFFLINE in scope.split():
        tokens["refresh_token"] = chains.new_link(user)
    return tokens


def _build() -> Provider:
    built = Provider()
    built.register_token_generator("default", _tokens)
    built.register_client_auth_method("client_secret_basic", by_basic)
    built.register_client_auth_method("client_secret_post", by_post)
    built.register_client_auth_method(BY_KEY, by_assertion)
    built.register_grant(CodeGrant, [S256Only(required=True), IdToken()])
    built.register_grant(RefreshGrant, [IdToken()])
    return built


provider = _build()
