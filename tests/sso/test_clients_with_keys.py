"""Clients that hold a key: assertions (RFC 7523), pushed requests (RFC 9126), DPoP (RFC 9449)."""

import time
from datetime import timedelta
from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from keyed import ISSUER, Holder, new_key, url64
from people import (
    CALLBACK,
    HOST,
    SECRET,
    authorize,
    back_at_client,
    code_for,
    redeem,
    register_client,
    sign_in,
)

from panjereh.sso.models import Grant, Person, PushedRequest, SeenToken
from panjereh.sso.relying_parties.actions import RegistrationRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(inside: Client) -> Holder:
    """A client of the high profile, and a person who is signed in."""
    return Holder(inside).register()


def token_request(bank: Holder, **changed: Any) -> Any:
    """What the token endpoint says of the client; the code is wrong."""
    form = {
        "grant_type": "authorization_code",
        "code": "no-such-code",
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
    }
    sent = form | bank.credentials() | changed
    return bank.browser.post("/oauth2/token", {k: v for k, v in sent.items() if v}, **HOST)


@pytest.mark.req("SSO-17")
def test_a_client_with_a_key_pushes_proves_and_gets_tokens_bound_to_its_key(bank: Holder) -> None:
    tokens = bank.redeem(bank.code())
    assert tokens.status_code == 200, tokens.text
    told = tokens.json()
    assert (told["token_type"], told["expires_in"]) == ("DPoP", 60)
    answer = bank.userinfo(told["access_token"])
    assert answer.status_code == 200
    assert answer.json()["family_name"]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "window"},
        {"sub": "window"},
        {"aud": "https://elsewhere.example"},
        {"aud": [ISSUER]},
        {"aud": f"{ISSUER}/oauth2/token"},
        {"exp": int(time.time()) - 5},
        {"exp": int(time.time()) + 3600},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**30},
        {"iat": int(time.time()) + 600},
        {"jti": None},
        {"jti": ["a"]},
    ],
)
def test_an_assertion_that_is_not_right_is_like_a_wrong_secret(
    bank: Holder, changed: dict[str, Any]
) -> None:
    refused = token_request(bank, client_assertion=bank.assertion(**changed))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert token_request(bank).json()["error"] == "invalid_grant"


def test_an_assertion_is_good_once(bank: Holder) -> None:
    once = bank.assertion()
    assert token_request(bank, client_assertion=once).json()["error"] == "invalid_grant"
    assert token_request(bank, client_assertion=once).json()["error"] == "invalid_client"


def test_an_assertion_by_another_key_or_with_the_secret_as_key_is_refused(bank: Holder) -> None:
    stranger = Holder(bank.browser, key=new_key())
    assert token_request(bank, client_assertion=stranger.assertion()).status_code == 401
    _, claims, _ = bank.assertion().split(".")
    unsigned = url64(b'{"alg":"none"}') + f".{claims}."
    for broken in (unsigned, "x", "a.b.c", "..", "é.é.é"):
        assert token_request(bank, client_assertion=broken).status_code in (400, 401)


def test_a_client_with_a_key_does_not_get_in_by_a_secret(bank: Holder) -> None:
    refused = token_request(bank, client_assertion="", client_assertion_type="", client_id="bank",
                            client_secret=SECRET)  # fmt: skip
    assert refused.json()["error"] == "invalid_client"


def test_what_was_made_before_the_database_started_is_refused(bank: Holder) -> None:
    """The table of seen tokens is empty after a crash; it must not make an old token new."""
    long_ago = int(time.time()) - 10 * 24 * 3600
    old = bank.assertion(iat=long_ago, exp=int(time.time()) + 60)
    assert token_request(bank, client_assertion=old).json()["error"] == "invalid_client"
    assert not SeenToken.objects.exists()


def test_registration_keeps_profiles_and_keys_apart(db: None) -> None:
    key = new_key()
    public = {"keys": [key.as_dict(private=False)]}
    for facts in (
        {"profile": "high"},
        {"minimum_level": 3},
        {"jwks": public},
        {"secret": "", "jwks": {"keys": []}},
        {"secret": "", "jwks": {"keys": [key.as_dict(private=True)]}},
        {"secret": "", "jwks": {"keys": "none"}},
        {"profile": "medium"},
    ):
        with pytest.raises(RegistrationRefused):
            register_client("x", **facts)
    register_client("x", secret="", profile="high", jwks=public, minimum_level=3)


# Pushed requests


def test_a_client_of_the_high_profile_must_push(bank: Holder) -> None:
    told = back_at_client(authorize(bank.browser, client_id="bank")).told
    assert told["error"] == "invalid_request"
    assert "PAR" in told["error_description"]


def test_only_what_was_pushed_counts(bank: Holder) -> None:
    uri = bank.push(state="pushed-state").json()["request_uri"]
    back = back_at_client(bank.authorize(uri, state="other", redirect_uri="https://evil.example/"))
    assert back.address == CALLBACK
    assert back.told["state"] == "pushed-state"


def test_a_pushed_request_is_answered_once_and_may_be_reloaded_before(
    bank: Holder, clock: Clock
) -> None:
    uri = bank.push().json()["request_uri"]
    stranger = Client()
    first = stranger.get("/oauth2/authorize", {"client_id": "bank", "request_uri": uri}, **HOST)
    assert first.status_code == 302, "to the login; the request lives on"
    clock.forward(minutes=20)
    assert "code" in back_at_client(bank_signed_in(bank, uri)).told
    assert bank.authorize(uri).status_code == 400
    assert not PushedRequest.objects.exists()


def bank_signed_in(bank: Holder, uri: str) -> Any:
    """The session has run out by now; the question is whether the request still lives."""
    sign_in(bank.browser, Person.objects.get())
    return bank.authorize(uri)


def test_a_pushed_request_that_nobody_came_with_is_forgotten(bank: Holder, clock: Clock) -> None:
    pushed = bank.push().json()
    assert pushed["expires_in"] == 90
    clock.forward(seconds=91)
    assert bank.authorize(pushed["request_uri"]).status_code == 400


def test_a_pushed_request_belongs_to_its_client(bank: Holder) -> None:
    uri = bank.push().json()["request_uri"]
    sent = {"client_id": "window", "request_uri": uri}
    assert bank.browser.get("/oauth2/authorize", sent, **HOST).status_code == 400
    assert "code" in back_at_client(bank.authorize(uri)).told


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "consent-please"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"dpop_jkt": "short"}, "invalid_request"),
    ],
)
def test_mistakes_show_when_the_request_is_pushed(
    bank: Holder, changed: dict[str, str | None], error: str
) -> None:
    refused = bank.push(**changed)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert not PushedRequest.objects.exists()


def test_a_client_pushes_for_itself_only(bank: Holder) -> None:
    register_client("other", secret=SECRET)
    form = {"client_id": "other", "redirect_uri": CALLBACK}
    assert bank.post("/oauth2/par", form, proved=False).status_code == 401
    assert bank.browser.post("/oauth2/par", {"client_id": "bank"}, **HOST).status_code == 401


# DPoP


def test_a_bound_token_is_of_no_use_without_the_key(bank: Holder) -> None:
    token = bank.redeem(bank.code()).json()["access_token"]
    assert bank.userinfo(token, scheme="Bearer").status_code == 401
    thief = Holder(bank.browser, proving=new_key(), nonce=bank.nonce)
    assert thief.userinfo(token).status_code == 401
    assert bank.userinfo(token).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "POST"},
        {"htu": f"{ISSUER}/oauth2/token"},
        {"iat": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"iat": "now"},
        {"jti": ""},
        {"jti": "x" * 500},
        {"jti": 7},
        {"ath": "wrong"},
        {"nonce": "made-up"},
        {"head": {"typ": "JWT"}},
        {"head": {"jwk": new_key().as_dict(private=True)}},
        {"head": {"jwk": new_key().as_dict(private=False)}},
        {"head": {"jwk": {"kty": "oct", "k": "AAAA"}}},
    ],
)
def test_a_proof_that_is_not_right_is_refused(bank: Holder, changed: dict[str, Any]) -> None:
    token = bank.redeem(bank.code()).json()["access_token"]
    refused = bank.userinfo(token, **changed)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"].startswith("DPoP error=")
    assert refused["DPoP-Nonce"]
    assert bank.userinfo(token).status_code == 200


def test_a_proof_is_good_once(bank: Holder) -> None:
    token = bank.redeem(bank.code()).json()["access_token"]
    jti = "the-same"
    assert bank.userinfo(token, jti=jti).status_code == 200
    assert bank.userinfo(token, jti=jti).status_code == 401


def test_a_nonce_lasts_a_minute_or_two(bank: Holder, clock: Clock) -> None:
    tokens = bank.redeem(bank.code()).json()
    clock.forward(seconds=130)
    refused = bank.userinfo(tokens["access_token"], iat=int(time.time()) + 130)
    assert refused.json()["error"] in ("use_dpop_nonce", "invalid_token")
    assert refused["DPoP-Nonce"] != bank.nonce


def test_a_wrong_proof_does_not_burn_the_code(bank: Holder) -> None:
    code = bank.code()
    bank.nonce = "stale"
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    headers = {"DPoP": bank.proof("/oauth2/token")}
    sent = form | {"code_verifier": "v" * 43} | bank.credentials()
    refused = bank.browser.post("/oauth2/token", sent, headers=headers, **HOST)
    assert refused.json()["error"] == "use_dpop_nonce"
    assert bank.redeem(code).status_code == 200


def test_the_code_can_be_bound_before_it_exists(bank: Holder) -> None:
    code = bank.code(dpop_jkt=bank.proving.thumbprint())
    thief = Holder(bank.browser, key=bank.key, proving=new_key())
    assert thief.redeem(code).json()["error"] == "invalid_grant"
    bound_by_proof = bank.push(proved=True).json()["request_uri"]
    code = back_at_client(bank.authorize(bound_by_proof)).told["code"]
    assert Grant.objects.get(spent_at=None).dpop_jkt == bank.proving.thumbprint()
    assert bank.redeem(code, proved=False).json()["error"] == "invalid_request"
    clash = bank.push(proved=True, dpop_jkt=url64(b"x" * 32))
    assert clash.json()["error"] == "invalid_request"


def test_a_client_of_the_high_profile_gets_no_token_without_a_proof(bank: Holder) -> None:
    refused = bank.redeem(bank.code(), proved=False)
    assert refused.status_code == 400
    assert "access_token" not in refused.json()


def test_a_standard_client_may_prove_too(inside: Client) -> None:
    holder = Holder(inside, client_id="window")
    refused = inside.post(
        "/oauth2/token", {}, headers={"DPoP": holder.proof("/oauth2/token")}, **HOST
    )
    holder.nonce = refused["DPoP-Nonce"]
    code = code_for(inside)
    form = {
        "grant_type": "authorization_code",
        "client_id": "window",
        "client_secret": SECRET,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
    }
    tokens = inside.post(
        "/oauth2/token", form, headers={"DPoP": holder.proof("/oauth2/token")}, **HOST
    )
    assert tokens.json()["token_type"] == "DPoP"
    assert holder.userinfo(tokens.json()["access_token"]).status_code == 200
    plain = redeem(inside, code_for(inside)).json()["access_token"]
    assert holder.userinfo(plain).status_code == 401, "a plain token is not dressed up"
    assert timedelta(minutes=3).total_seconds() == tokens.json()["expires_in"]


def _token(browser: Client, holder: Holder, **form: str) -> Any:
    proof = {"DPoP": holder.proof("/oauth2/token")}
    return browser.post("/oauth2/token", form, headers=proof, **HOST)
