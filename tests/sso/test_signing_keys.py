"""Signing keys: rotation with overlap, one algorithm per client, no forged token."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from people import (
    HOST,
    authorize,
    back_at_client,
    claims_of,
    code_for,
    redeem,
    register_client,
    sign_in,
)

from panjereh.sso.models import Person
from panjereh.sso.policy import policy
from panjereh.sso.provider import keys, rotation

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_folder(tmp_path: Path, settings: Any) -> Path:
    """A folder of our own to turn keys in, looked at without delay."""
    source = keys.folder()
    settings.KEYS = tmp_path
    folder = keys.folder()
    folder.mkdir(parents=True)
    for pem in source.glob("*.pem"):
        (folder / pem.name).write_text(pem.read_text())
    keys._keys.cache_clear()
    return folder


def new_key(path: Path) -> None:
    path.write_bytes(keys.sealed(rotation.new_key("ES256")))
    keys._keys.cache_clear()


def signed_by(client: Client) -> str:
    token = redeem(client, code_for(client)).json()["id_token"]
    head = token.partition(".")[0]
    kid: str = json.loads(base64.urlsafe_b64decode(head + "==="))["kid"]
    claims_of(client, token)
    return kid


def test_keys_are_rotated_with_overlap(inside: Client, key_folder: Path) -> None:
    def published() -> list[str]:
        return [key["kid"] for key in inside.get("/oauth2/jwks", **HOST).json()["keys"]]

    old = signed_by(inside)
    before = redeem(inside, code_for(inside)).json()["id_token"]
    new_key(key_folder / "es256-2.next.pem")
    assert len(published()) == 3
    assert signed_by(inside) == old, "the next key is published before it signs"

    (key_folder / "es256-2.next.pem").rename(key_folder / "es256-2.pem")
    keys._keys.cache_clear()
    new = signed_by(inside)
    assert new != old
    assert {old, new} <= set(published())
    claims_of(inside, before)  # what the old key signed is still verified

    (key_folder / "es256-1.pem").unlink()
    keys._keys.cache_clear()
    assert old not in published()


def test_the_folder_is_looked_at_again_by_itself(
    key_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.monotonic()
    first = keys.signing_key("ES256").kid
    (key_folder / "es256-9.pem").write_text((key_folder / "es256-1.pem").read_text())
    (key_folder / "es256-9.pem").write_bytes(keys.sealed(rotation.new_key("ES256")))
    monkeypatch.setattr(time, "monotonic", lambda: real + 2 * keys.LOOK_AGAIN_SECONDS)
    assert keys.signing_key("ES256").kid != first


def test_private_halves_are_never_published(browser: Client) -> None:
    body = browser.get("/oauth2/jwks", **HOST).json()
    assert not {"d", "p", "q"} & {name for key in body["keys"] for name in key}
    assert {key["alg"] for key in body["keys"]} == {"ES256", "RS256"}


def test_without_a_key_the_health_page_says_so(
    browser: Client, key_folder: Path, settings: Any
) -> None:
    assert browser.get("/health", **HOST).status_code == 200
    for pem in key_folder.glob("*.pem"):
        pem.unlink()
    keys._keys.cache_clear()
    response = browser.get("/health", **HOST)
    assert response.status_code == 503
    assert "signing key" in response.json()["reason"]


def test_an_old_client_may_have_rs256_and_nothing_else(browser: Client, person: Person) -> None:
    register_client(id_token_alg="RS256")
    sign_in(browser, person)
    token = redeem(browser, code_for(browser)).json()["id_token"]
    head = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "==="))
    assert head["alg"] == "RS256"
    claims_of(browser, token)


def forged(inside: Client, kind: str) -> str:
    """An id_token_hint that was not signed as the client's tokens are."""
    real = redeem(inside, code_for(inside)).json()["id_token"]
    claims = claims_of(inside, real)
    head, body, signature = real.split(".")
    if kind == "none":
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        return f"{none}.{body}."
    if kind == "changed":
        other = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "x"}).encode()).decode()
        return f"{head}.{other.rstrip('=')}.{signature}"
    if kind == "hmac with the public key":
        public = inside.get("/oauth2/jwks", **HOST).content.decode()
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(public), ["HS256"])
    if kind == "our other algorithm":
        key = keys.signing_key("RS256")
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, ["RS256"])
    if kind == "another key of our kind":
        key = ECKey.generate_key("P-256")
        return jwt.encode({"alg": "ES256", "kid": "x"}, claims, key, ["ES256"])
    key = keys.signing_key("ES256")
    return jwt.encode(
        {"alg": "ES256", "kid": key.kid}, claims | {"iss": "https://evil.test"}, key, ["ES256"]
    )


@pytest.mark.parametrize(
    "kind",
    [
        "none",
        "changed",
        "hmac with the public key",
        "our other algorithm",
        "another key of our kind",
        "another issuer",
    ],
)
def test_forged_tokens_are_refused(inside: Client, kind: str) -> None:
    told = back_at_client(authorize(inside, id_token_hint=forged(inside, kind))).told
    assert told["error"] == "invalid_request"


@pytest.mark.req("PRV-13")
def test_no_signing_key_lies_open_and_an_open_one_is_refused(
    browser: Client, key_folder: Path
) -> None:
    for pem in key_folder.glob("*.pem"):
        assert pem.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    opened = keys.as_pem(rotation.new_key("ES256"), serialization.NoEncryption())
    (key_folder / "es256-5.pem").write_bytes(opened)
    keys._keys.cache_clear()

    response = browser.get("/health", **HOST)

    assert response.status_code == 503
    assert "panjereh keys seal" in response.json()["reason"]
    rotation.main(["seal"])
    keys._keys.cache_clear()
    assert browser.get("/health", **HOST).status_code == 200


@pytest.mark.req("PRV-13")
def test_a_new_passphrase_takes_over_and_the_old_one_opens_nothing_any_more(
    inside: Client, key_folder: Path, settings: Any
) -> None:
    kid = signed_by(inside)
    settings.SSO_KEY_PASSPHRASES = f"a-new-one\n{settings.SSO_KEY_PASSPHRASES}"
    forget_read_keys()
    assert signed_by(inside) == kid, "the old passphrase still opens what it closed"

    rotation.main(["seal"])
    settings.SSO_KEY_PASSPHRASES = "a-new-one"
    forget_read_keys()
    assert signed_by(inside) == kid

    settings.SSO_KEY_PASSPHRASES = "a-wrong-one"
    forget_read_keys()
    with pytest.raises(keys.KeyUnreadable, match=r"es256-1\.pem"):
        keys.signing_key("ES256")


def forget_read_keys() -> None:
    keys._keys.cache_clear()
    keys._load.cache_clear()


@pytest.mark.req("PRV-13")
def test_the_command_rotates_in_steps_that_fail_no_login(
    inside: Client,
    person: Person,
    key_folder: Path,
    clock: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = signed_by(inside)

    rotation.main(["next", "ES256"])
    keys._keys.cache_clear()
    assert signed_by(inside) == first
    with pytest.raises(SystemExit, match="clients may not have fetched it"):
        rotation.main(["turn", "ES256"])
    with pytest.raises(SystemExit, match="is waiting already"):
        rotation.main(["next", "ES256"])

    clock.forward(minutes=16)
    rotation.main(["turn", "ES256"])
    keys._keys.cache_clear()
    sign_in(inside, person)
    assert signed_by(inside) != first
    rotation.main(["list"])
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()[-3:]] == [
        "only",
        "signs",
        "signs",
    ]

    before = policy().key_known
    clock.forward(seconds=before.total_seconds() + 1)
    rotation.main(["retire", "ES256"])
    keys._keys.cache_clear()
    assert not (key_folder / "es256-1.pem").exists()
    with pytest.raises(SystemExit, match="is the only key"):
        rotation.main(["retire", "ES256"])
    with pytest.raises(SystemExit, match="one of list"):
        rotation.main(["turn", "HS256"])
