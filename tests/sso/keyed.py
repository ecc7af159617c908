"""A client that holds keys: client assertions, DPoP proofs, pushed requests."""

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey
from people import CALLBACK, HOST, VERIFIER, asked, back_at_client, register_client

ISSUER = "http://sso.localhost:8101"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


@dataclass
class Holder:
    """`key` signs assertions; `proving` is the key that tokens are bound to."""

    browser: Client
    client_id: str = "bank"
    key: ECKey = field(default_factory=new_key)
    proving: ECKey = field(default_factory=new_key)
    nonce: str = ""

    def register(self, **facts: Any) -> "Holder":
        jwks = {"keys": [self.key.as_dict(private=False)]}
        register_client(self.client_id, secret="", **{"profile": "high", "jwks": jwks} | facts)
        return self

    def assertion(self, **changed: Any) -> str:
        now = int(time.time())
        usual = {"iss": self.client_id, "sub": self.client_id, "aud": ISSUER, "iat": now}
        claims = usual | {"exp": now + 60, "jti": str(uuid.uuid4())} | changed
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, kept, self.key)

    def credentials(self) -> dict[str, str]:
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}

    def proof(self, path: str, method: str = "POST", token: str = "", **changed: Any) -> str:
        claims: dict[str, Any] = {
            "htm": method,
            "htu": ISSUER + path,
            "iat": int(time.time()),
            "jti": str(uuid.uuid4()),
            "nonce": self.nonce,
        }
        if token:
            claims["ath"] = url64(hashlib.sha256(token.encode()).digest())
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.proving.as_dict(private=False)}
        return jwt.encode(head | changed.pop("head", {}), claims | changed, self.proving)

    def post(self, path: str, form: dict[str, str], *, proved: bool = True) -> Any:
        """As a client does: when a nonce is wanted, ask again with it."""
        for _ in range(2):
            headers = {"DPoP": self.proof(path)} if proved else {}
            response = self.browser.post(path, form | self.credentials(), headers=headers, **HOST)
            self.nonce = response.headers.get("DPoP-Nonce", self.nonce)
            if not (response.status_code == 400 and "use_dpop_nonce" in response.text):
                break
        return response

    def push(self, *, proved: bool = False, **changed: str | None) -> Any:
        return self.post("/oauth2/par", asked(client_id=self.client_id, **changed), proved=proved)

    def authorize(self, request_uri: str, **more: str) -> Any:
        sent = {"client_id": self.client_id, "request_uri": request_uri} | more
        return self.browser.get("/oauth2/authorize", sent, **HOST)

    def code(self, **changed: str | None) -> str:
        uri = self.push(**changed).json()["request_uri"]
        return back_at_client(self.authorize(uri)).told["code"]

    def redeem(self, code: str, *, proved: bool = True) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.post("/oauth2/token", form | {"code_verifier": VERIFIER}, proved=proved)

    def userinfo(self, token: str, *, scheme: str = "DPoP", **changed: Any) -> Any:
        headers = {"Authorization": f"{scheme} {token}"}
        if scheme == "DPoP":
            headers["DPoP"] = self.proof("/oauth2/userinfo", "GET", token, **changed)
        return self.browser.get("/oauth2/userinfo", headers=headers, **HOST)


def url64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
