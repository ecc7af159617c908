"""The token and userinfo endpoints: codes are used once, tokens end, discovery is true."""

import pytest
from conftest import Clock
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from people import (
    CALLBACK,
    HOST,
    SECRET,
    asked,
    authorize,
    back_at_client,
    claims_of,
    code_for,
    redeem,
    register_client,
    userinfo,
)

from panjereh.sso.models import Grant, Person, Session

pytestmark = pytest.mark.django_db


@pytest.mark.req("SSO-17")
def test_a_code_gives_tokens_that_say_who_how_and_when(inside: Client, person: Person) -> None:
    response = redeem(inside, code_for(inside))
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    tokens = response.json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 180
    assert "refresh_token" not in tokens
    claims = claims_of(inside, tokens["id_token"])
    session = Session.objects.get()
    assert claims["iss"] == "http://sso.localhost:8101"
    assert claims["aud"] == "window"
    assert claims["nonce"] == "nonce-of-the-client"
    assert claims["acr"] == "urn:panjereh:level:1"
    assert claims["amr"] == ["sms"]
    assert claims["sid"] == str(session.id)
    assert claims["auth_time"] == int(session.authenticated_at.timestamp())
    assert claims["exp"] - claims["iat"] == 300
    assert not {"national_id", "given_name", "phone_number"} & set(claims)
    told = userinfo(inside, tokens["access_token"]).json()
    assert told["sub"] == claims["sub"]
    assert told["national_id"] == person.national_id


def test_a_second_use_is_refused_and_ends_what_the_first_one_gave(inside: Client) -> None:
    code = code_for(inside)
    token = redeem(inside, code).json()["access_token"]
    assert userinfo(inside, token).status_code == 200
    again = redeem(inside, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert userinfo(inside, token).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": None},
    ],
)
def test_a_code_with_a_wrong_verifier_or_address_is_burnt(
    inside: Client, changed: dict[str, str | None]
) -> None:
    code = code_for(inside)
    assert redeem(inside, code, **changed).status_code == 400
    assert redeem(inside, code).status_code == 400, "guessing verifiers is no use"


def test_a_code_is_good_for_a_minute(inside: Client, clock: Clock) -> None:
    code = code_for(inside)
    clock.forward(seconds=61)
    assert redeem(inside, code).json()["error"] == "invalid_grant"


def test_another_client_can_neither_use_nor_burn_a_code(inside: Client) -> None:
    register_client("other", secret="other-" + SECRET)
    code = code_for(inside)
    stolen = redeem(inside, code, client_id="other", client_secret="other-" + SECRET)
    assert stolen.json()["error"] == "invalid_grant"
    assert redeem(inside, code).status_code == 200


def test_a_code_stays_spent_when_the_request_fails_later(
    inside: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> str:
        raise RuntimeError("after the code was spent")

    code = code_for(inside)
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr("panjereh.sso.provider.store.save_access_token", breaks)
        redeem(inside, code)
    assert Grant.objects.get().spent_at is not None
    assert redeem(inside, code).status_code == 400


def test_an_access_token_ends_with_its_time_its_session_and_its_person(
    inside: Client, clock: Clock, person: Person
) -> None:
    token = redeem(inside, code_for(inside)).json()["access_token"]
    clock.forward(seconds=181)
    assert userinfo(inside, token).status_code == 401

    token = redeem(inside, code_for(inside)).json()["access_token"]
    Person.objects.update(closed_at=clock.now())
    response = userinfo(inside, token)
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


def test_a_token_in_the_address_is_not_even_looked_at(inside: Client) -> None:
    token = redeem(inside, code_for(inside)).json()["access_token"]
    response = inside.get("/oauth2/userinfo", {"access_token": token}, **HOST)
    assert response.status_code == 401
    assert response.content == b"{}"


@pytest.mark.req("SSO-17")
def test_discovery_tells_the_truth(inside: Client) -> None:
    told = inside.get("/.well-known/openid-configuration", **HOST).json()
    assert told["issuer"] == "http://sso.localhost:8101"
    for name in (
        "authorization",
        "token",
        "userinfo",
        "end_session",
        "pushed_authorization_request",
        "revocation",
    ):
        path = told[f"{name}_endpoint"].removeprefix(told["issuer"])
        assert inside.get(path, **HOST).status_code in (303, 302, 400, 401, 405), name
    assert told["response_types_supported"] == ["code"]
    assert told["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    published = inside.get(told["jwks_uri"].removeprefix(told["issuer"]), **HOST).json()
    algorithms = {key["alg"] for key in published["keys"]}
    assert set(told["id_token_signing_alg_values_supported"]) == algorithms
    for absent in ("registration", "introspection", "device_authorization"):
        assert f"{absent}_endpoint" not in told
    for acr in told["acr_values_supported"]:
        answer = authorize(inside, acr_values=acr)
        led_on = answer.status_code == 302 and "/step-up/" in answer["Location"]
        assert led_on or "code" in back_at_client(answer).told
    for scope in [s for s in told["scopes_supported"] if not s.startswith("representee")]:
        wanted = " ".join({"openid", scope})
        assert "code" in back_at_client(authorize(inside, scope=wanted)).told


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    odd=st.dictionaries(
        st.sampled_from([*asked(), "prompt", "max_age", "claims", "acr_values", "id_token_hint"]),
        st.text(max_size=30),
        min_size=1,
        max_size=3,
    )
)
def test_no_request_however_odd_breaks_the_endpoint_or_leads_elsewhere(
    inside: Client, odd: dict[str, str]
) -> None:
    response = inside.get("/oauth2/authorize", asked() | odd, **HOST)
    assert response.status_code in (302, 303, 400)
    target = response.headers.get("Location", "/")
    assert target.startswith(("/", CALLBACK + "?"))
