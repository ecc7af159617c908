"""A relying party in the words of Authlib, and how it shows who it is."""

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request

from panjereh.sso.acting.asked import allows
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.ledger.readers import RELEASES, may_read
from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.assertions import TYPE, AssertionRefused, subject_of_assertion
from panjereh.sso.provider.claims import OFFLINE, SCOPES
from panjereh.sso.relying_parties.queries import relying_party

BY_KEY = "private_key_jwt"
BY_SECRET = ("client_secret_basic", "client_secret_post")
WAYS = [*BY_SECRET, BY_KEY]

_NOBODYS_SECRET = sha256(new_secret())


class Client:
    def __init__(self, party: RelyingParty) -> None:
        self.party = party
        self.client_id = party.client_id
        self.id_token_signed_response_alg = party.id_token_alg

    @property
    def is_high(self) -> bool:
        return self.party.profile == "high"

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: the client names one of its addresses each time."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Unknown scopes are left out; without `openid` there is nothing we could answer."""
        allowed = [name for name in (scope or "").split() if self._allows(name)]
        return " ".join(dict.fromkeys(allowed)) if "openid" in allowed else None

    def _allows(self, scope: str) -> bool:
        if scope.startswith("representee"):
            return allows(self.party, scope)
        if scope == RELEASES:
            return may_read(self.client_id)
        return scope in SCOPES and (scope != OFFLINE or self.party.may_refresh)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.party.redirect_uris  # equal as strings, RFC 9700 2.1

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whoever registered a key never gets in by a secret again."""
        return method == BY_KEY if self.party.jwks else method in BY_SECRET

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "refresh_token":
            return self.party.may_refresh
        return grant_type == "authorization_code"


def by_basic(_: Any, request: OAuth2Request) -> Client | None:
    """RFC 6749 2.3.1: id and secret are form-encoded before they are put together."""
    kind, _sep, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    _only_way(request, but="Authorization")
    try:
        user, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return _with_secret(unquote_plus(user), unquote_plus(secret)) if colon else None


def by_post(_: Any, request: OAuth2Request) -> Client | None:
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    if not client_id or not secret:
        return None
    _only_way(request, but="client_secret")
    return _with_secret(client_id, secret)


def by_assertion(_: Any, request: OAuth2Request) -> Client | None:
    """RFC 7523: a short JWT that the client signed with its registered key."""
    if request.form.get("client_assertion_type") != TYPE:
        return None
    _only_way(request, but="client_assertion")
    try:
        party = subject_of_assertion(request.form.get("client_assertion", ""))
    except AssertionRefused:
        return None
    named = request.form.get("client_id", party.client_id)
    return Client(party) if named == party.client_id else None


def _only_way(request: OAuth2Request, *, but: str) -> None:
    """RFC 6749 2.3: authenticate the client in one way only."""
    ways = {
        "Authorization": request.headers.get("Authorization"),
        "client_secret": request.form.get("client_secret"),
        "client_assertion": request.form.get("client_assertion"),
    }
    if any(given for way, given in ways.items() if way != but):
        raise InvalidRequestError("authenticate the client in one way only")


def _with_secret(client_id: str, secret: str) -> Client | None:
    """An unknown client takes the same time and gets the same answer as a wrong secret."""
    party = relying_party(client_id)
    kept = party.secrets_sha256 if party else []
    given = sha256(secret)
    # Every client is compared with two, whether it has none, one or two.
    right = [hmac.compare_digest(digest, given) for digest in (*kept, *[_NOBODYS_SECRET] * 2)[:2]]
    return Client(party) if party and any(right[: len(kept)]) else None
