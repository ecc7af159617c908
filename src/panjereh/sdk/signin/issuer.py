"""The sign-on, as seen from a site: its metadata, its keys, its token and userinfo endpoints.

Calls go to `inner_issuer` and name the public host, so that they need no name service for it.
"""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.conf import settings
from joserfc.jwk import KeySet
from pyreqwest.client import SyncClient, SyncClientBuilder
from pyreqwest.exceptions import RequestError
from pyreqwest.request import SyncRequestBuilder

from panjereh.sdk.signin.failures import SignInFailed

TIMEOUT = timedelta(seconds=5)
IDLE = timedelta(seconds=4)
METADATA_SECONDS = 3600
KEYS_SECONDS = 300
KEYS_AGAIN_SECONDS = 5  # at most this often for key ids that nobody has published


@dataclass
class Issuer:
    """One sign-on; each process keeps its metadata and keys for a while."""

    public: str
    inner: str
    _metadata: dict[str, Any] | None = None
    _metadata_until: float = 0.0
    _keys: KeySet | None = None
    _keys_at: float = 0.0

    def metadata(self) -> dict[str, Any]:
        if self._metadata is None or time.monotonic() > self._metadata_until:
            found = self._get(f"{self.public}/.well-known/openid-configuration")
            if found.get("issuer") != self.public:
                raise SignInFailed("provider-wrong", "the metadata names another issuer")
            self._metadata = found
            self._metadata_until = time.monotonic() + METADATA_SECONDS
        return self._metadata

    def keys(self, kid: str) -> KeySet:
        """The published keys; asked for again when one is missing, for keys are rotated."""
        age = time.monotonic() - self._keys_at
        missing = self._keys is None or all(key.kid != kid for key in self._keys.keys)
        if self._keys is None or age > KEYS_SECONDS or (missing and age > KEYS_AGAIN_SECONDS):
            self._keys = KeySet.import_key_set(self._get(self.metadata()["jwks_uri"]))  # type: ignore[arg-type]
            self._keys_at = time.monotonic()
        return self._keys

    def redeem(self, form: dict[str, str]) -> dict[str, Any]:
        """Exchange a code for tokens, with our secret."""
        config = settings.SIGNIN
        user, password = quote_plus(config["client_id"]), quote_plus(client_secret())
        request = self._to(self.metadata()["token_endpoint"], "POST").form(form)
        return _answer(request.basic_auth(user, password))

    def push(self, params: dict[str, str]) -> dict[str, Any]:
        """Leave an authorization request with the sign-on beforehand (RFC 9126)."""
        config = settings.SIGNIN
        user, password = quote_plus(config["client_id"]), quote_plus(client_secret())
        address = self.metadata()["pushed_authorization_request_endpoint"]
        return _answer(self._to(address, "POST").form(params).basic_auth(user, password))

    def userinfo(self, access_token: str) -> dict[str, Any]:
        request = self._to(self.metadata()["userinfo_endpoint"], "GET")
        return _answer(request.bearer_auth(access_token))

    def ask(self, path: str, access_token: str, query: dict[str, str]) -> dict[str, Any]:
        """Something that the sign-on tells of the person whose token this is."""
        request = self._to(f"{self.public}{path}", "GET").query(query)
        return _answer(request.bearer_auth(access_token))

    def _get(self, address: str) -> dict[str, Any]:
        return _answer(self._to(address, "GET"))

    def _to(self, address: str, method: str) -> SyncRequestBuilder:
        if not address.startswith(f"{self.public}/"):
            raise SignInFailed("provider-wrong", "an endpoint lies outside of the issuer")
        public = urlsplit(self.public)
        request = _client().request(method, self.inner + address.removeprefix(self.public))
        return request.headers({"host": public.netloc, "x-forwarded-proto": public.scheme})


def issuer() -> Issuer:
    config = settings.SIGNIN
    return _issuer(config["issuer"], config.get("inner_issuer") or config["issuer"])


@lru_cache
def _issuer(public: str, inner: str) -> Issuer:
    return Issuer(public.rstrip("/"), inner.rstrip("/"))


def client_secret() -> str:
    return Path(settings.SIGNIN["client_secret_file"]).read_text().strip()


@lru_cache
def _client() -> SyncClient:
    # Kept connections are dropped before the other side does it under a request: a code is not
    # sent twice.
    builder = SyncClientBuilder().follow_redirects(False).timeout(TIMEOUT)
    return builder.pool_idle_timeout(IDLE).build()


def _answer(request: SyncRequestBuilder) -> dict[str, Any]:
    try:
        response = request.build().send()
        body = json.loads(bytes(response.bytes()) or b"{}")
    except RequestError as error:
        raise SignInFailed("provider-away", "the sign-on does not answer") from error
    except ValueError as error:
        raise SignInFailed("provider-away", "the sign-on answers no JSON") from error
    if response.status >= 500:
        raise SignInFailed("provider-away", f"the sign-on answers {response.status}")
    if response.status >= 400 or not isinstance(body, dict):
        raise SignInFailed("refused", f"the sign-on refuses: {body.get('error', '')}")
    return body
