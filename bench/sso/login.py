"""One login, as client and browser together make it: authorize, token, userinfo."""

import base64
import hashlib
import http.client
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CALLBACK = "https://client.example/callback"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class Paths:
    authorize: str
    token: str
    userinfo: str
    par: str


@dataclass
class Login:
    """`cookie` is that of a running session; it may change on the way (the peer sets new ones)."""

    port: int
    issuer: str
    paths: Paths
    client_id: str
    cookie: str
    secret: str = ""
    key: ECKey | None = None
    proving: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    nonce: str = ""

    def __post_init__(self) -> None:
        self.connect()
        self._jwk = self.proving.as_dict(private=False)

    def connect(self) -> None:
        """Anew for each round: a server closes a connection that rests."""
        self._wire = http.client.HTTPConnection("127.0.0.1", self.port)

    def once(self) -> None:
        """Raises `AssertionError` when anything of it goes wrong: such a figure says nothing."""
        verifier = secrets.token_urlsafe(32)
        asked = self._request(verifier)
        if self.key:
            pushed = self._post(self.paths.par, asked, proved=False)
            asked = {"client_id": self.client_id, "request_uri": pushed["request_uri"]}
        code = self._authorize(asked)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        tokens = self._post(self.paths.token, form | {"code_verifier": verifier}, proved=True)
        assert self._userinfo(tokens["access_token"])["sub"]

    def _request(self, verifier: str) -> dict[str, str]:
        digest = hashlib.sha256(verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile national_id",
            "state": "s" * 22,
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": url64(digest),
            "code_challenge_method": "S256",
        }

    def _authorize(self, asked: dict[str, str]) -> str:
        """Follows the provider's own redirects, as a browser does."""
        address = f"{self.paths.authorize}?{urlencode(asked)}"
        for _ in range(5):
            status, headers, body = self._send("GET", address, cookie=self.cookie)
            assert status in (302, 303), (status, body)
            self._take_cookies(headers)
            address = headers["location"]
            told = parse_qs(urlsplit(address).query)
            if address.startswith(CALLBACK):
                return told["code"][0]
            address = urlsplit(address)._replace(scheme="", netloc="").geturl()
        raise AssertionError(f"no code after five redirects: {address}")

    def _take_cookies(self, headers: Any) -> None:
        jar = dict(pair.split("=", 1) for pair in self.cookie.split("; ") if pair)
        for line in headers.get_all("set-cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            jar[name] = value
        self.cookie = "; ".join(f"{k}={v}" for k, v in jar.items() if v)

    def _post(self, path: str, form: dict[str, str], *, proved: bool) -> dict[str, Any]:
        for _ in range(2):
            headers = {"content-type": "application/x-www-form-urlencoded"}
            sent = dict(form)
            if self.key:
                sent |= {"client_assertion_type": ASSERTION, "client_assertion": self._assertion()}
                if proved:
                    headers["dpop"] = self._proof("POST", path)
            else:
                pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
                headers["authorization"] = f"Basic {pair}"
            status, answered, body = self._send("POST", path, urlencode(sent), **headers)
            self.nonce = answered.get("dpop-nonce", self.nonce)
            if status in (200, 201):
                return dict(json.loads(body))
        raise AssertionError((status, body))

    def _userinfo(self, token: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"}
        if self.key:
            proof = self._proof("GET", self.paths.userinfo, token)
            headers = {"authorization": f"DPoP {token}", "dpop": proof}
        status, _, body = self._send("GET", self.paths.userinfo, **headers)
        assert status == 200, (status, body)
        return dict(json.loads(body))

    def _assertion(self) -> str:
        assert self.key
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.issuer}
        times = {"iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims | times, self.key)

    def _proof(self, method: str, path: str, token: str = "") -> str:
        claims = {"htm": method, "htu": self.issuer + path, "iat": int(time.time())}
        more = {"jti": str(uuid.uuid4())} | ({"nonce": self.nonce} if self.nonce else {})
        if token:
            more["ath"] = url64(hashlib.sha256(token.encode()).digest())
        head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._jwk}
        return jwt.encode(head, claims | more, self.proving)

    def _send(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, Any, str]:
        host = {"host": urlsplit(self.issuer).netloc}
        sent = {k: v for k, v in headers.items() if v}
        self._wire.request(method, path, body.encode() or None, host | sent)
        answer = self._wire.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def url64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
