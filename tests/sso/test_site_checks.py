"""What the SDK accepts from a sign-on, and what it does not: each token made wrong in one way."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from live import LiveSso, start_sso
from people import SECRET

from panjereh.sdk.signin.addresses import safe_next
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import _issuer, issuer
from panjereh.sdk.signin.person import level_of
from panjereh.sdk.signin.tokens import LOGOUT_EVENT, check_id_token, check_logout_token
from panjereh.sso.provider import keys, rotation

pytestmark = pytest.mark.django_db(transaction=True)

ACCESS = "an-access-token"


@pytest.fixture(scope="module")
def _live() -> Iterator[LiveSso]:
    live = start_sso()
    yield live
    live.stop()


@pytest.fixture
def sso(_live: LiveSso, settings: Any, tmp_path: Path) -> LiveSso:
    """The keys and metadata are fetched from a sign-on that really runs."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    settings.ISSUER = _live.url
    settings.SIGNIN = {
        "issuer": _live.url,
        "inner_issuer": _live.inner,
        "client_id": "window",
        "client_secret_file": str(secret),
    }
    _issuer.cache_clear()
    return _live


def id_claims(sso: LiveSso, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {
        "iss": sso.url,
        "aud": "window",
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
        "sub": "somebody",
        "sid": "a-session",
        "acr": "urn:panjereh:level:1",
    }
    return {k: v for k, v in (usual | changed).items() if v is not None}


def signed(claims: dict[str, Any], typ: str = "JWT", **head: Any) -> str:
    key = keys.signing_key("ES256")
    header = {"alg": "ES256", "kid": key.kid, "typ": typ} | head
    return jwt.encode(header, claims, key, ["ES256"])


def check(token: str, level: int = 1) -> dict[str, Any]:
    return check_id_token(token, nonce="n", access_token=ACCESS, level=level)


def test_a_right_token_is_accepted(sso: LiveSso) -> None:
    assert check(signed(id_claims(sso)))["sub"] == "somebody"
    assert check(signed(id_claims(sso, aud=["window"])))["sub"] == "somebody"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.test"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["window", "other"]},
        {"aud": None},
        {"exp": int(time.time()) - 31},
        {"exp": None},
        {"exp": "soon"},
        {"iat": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"nonce": "other"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sid": None},
        {"at_hash": "wrong"},
    ],
)
def test_a_token_wrong_in_one_thing_is_refused(sso: LiveSso, changed: dict[str, Any]) -> None:
    with pytest.raises(SignInFailed) as refused:
        check(signed(id_claims(sso, **changed)))
    assert refused.value.reason == "provider-wrong"


@pytest.mark.parametrize("acr", ["urn:panjereh:level:1", "", None, "gold", "urn:panjereh:level:²"])
def test_a_lower_level_than_asked_is_refused(sso: LiveSso, acr: str | None) -> None:
    with pytest.raises(SignInFailed) as refused:
        check(signed(id_claims(sso, acr=acr)), level=2)
    assert refused.value.reason == "level"


def test_the_hash_of_the_access_token_is_compared(sso: LiveSso) -> None:
    half = hashlib.sha256(ACCESS.encode()).digest()[:16]
    right = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert check(signed(id_claims(sso, at_hash=right)))


def test_tokens_that_are_not_signed_as_agreed_are_refused(sso: LiveSso) -> None:
    claims = id_claims(sso)
    rsa, ours = keys.signing_key("RS256"), keys.signing_key("ES256")
    published = json.dumps(keys.public_keys())
    stranger = ECKey.generate_key("P-256")
    forged = [
        jwt.encode({"alg": "RS256", "kid": rsa.kid}, claims, rsa, ["RS256"]),
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(published), ["HS256"]),
        jwt.encode({"alg": "ES256", "kid": ours.kid}, claims, stranger, ["ES256"]),
        jwt.encode({"alg": "ES256", "kid": "unknown"}, claims, stranger, ["ES256"]),
        "eyJhbGciOiJub25lIn0." + signed(claims).split(".")[1] + ".",
        signed(claims)[:-4] + "AAAA",
        signed(claims, typ="logout+jwt"),
        "",
        "a.b.c",
        "é.è.à",
    ]
    for token in forged:
        with pytest.raises(SignInFailed):
            check(token)


def logout_claims(sso: LiveSso, **changed: Any) -> dict[str, Any]:
    extra = {"events": {LOGOUT_EVENT: {}}, "jti": "j", "nonce": None, "acr": None}
    return id_claims(sso, **(extra | changed))


def test_a_right_logout_token_is_accepted(sso: LiveSso) -> None:
    assert check_logout_token(signed(logout_claims(sso), typ="logout+jwt"))["sid"] == "a-session"
    assert check_logout_token(signed(logout_claims(sso, sid=None), typ="logout+jwt"))


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "n"},
        {"events": None},
        {"events": {}},
        {"events": [LOGOUT_EVENT]},
        {"jti": None},
        {"sid": None, "sub": None},
        {"aud": "other"},
        {"iss": "https://evil.test"},
        {"exp": int(time.time()) - 60},
    ],
)
def test_a_logout_token_wrong_in_one_thing_is_refused(
    sso: LiveSso, changed: dict[str, Any]
) -> None:
    with pytest.raises(SignInFailed):
        check_logout_token(signed(logout_claims(sso, **changed), typ="logout+jwt"))


def test_an_id_token_is_no_logout_token(sso: LiveSso) -> None:
    with pytest.raises(SignInFailed):
        check_logout_token(signed(logout_claims(sso), typ="JWT"))


def test_a_new_key_is_fetched_when_it_is_first_seen(
    sso: LiveSso, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(signed(id_claims(sso)))
    settings.KEYS = tmp_path
    keys.folder().mkdir(parents=True)
    rotation.write_key("es256-1.pem", rotation.new_key("ES256"))
    keys._keys.cache_clear()
    monkeypatch.setattr("panjereh.sdk.signin.issuer.KEYS_AGAIN_SECONDS", 0)
    assert check(signed(id_claims(sso)))["sub"] == "somebody"
    keys._keys.cache_clear()


def test_junk_key_ids_do_not_make_us_ask_again_and_again(
    sso: LiveSso, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(signed(id_claims(sso)))
    asked: list[str] = []
    monkeypatch.setattr(issuer(), "_get", asked.append)
    for number in range(20):
        with pytest.raises(SignInFailed):
            check(signed(id_claims(sso), kid=f"junk-{number}", typ="JWT")[:-4] + "AAAA")
    assert asked == []


def test_metadata_that_names_another_issuer_is_refused(sso: LiveSso, settings: Any) -> None:
    settings.ISSUER = "https://evil.test"
    with pytest.raises(SignInFailed) as refused:
        issuer().metadata()
    assert refused.value.reason == "provider-wrong"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/fa/me/?a=1", True),
        ("/", True),
        ("//evil.test", False),
        ("/\\evil.test", False),
        ("https://evil.test", False),
        ("fa/me/", False),
        ("", False),
        ("/fa/\nme", False),
        ("/" + "x" * 2000, False),
    ],
)
def test_only_paths_of_the_site_are_ways_back(address: str, kept: bool) -> None:
    assert safe_next(address) == (address if kept else "/")


def test_levels_are_read_from_their_names() -> None:
    assert [level_of(a) for a in ("urn:panjereh:level:3", "gold", "", "x:²")] == [3, 0, 0, 0]
