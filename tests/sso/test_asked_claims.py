"""What clients ask for by name, and the forms in which they are told."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import KeySet
from people import (
    CALLBACK,
    HOST,
    authorize,
    back_at_client,
    claims_of,
    code_for,
    redeem,
    register_client,
    userinfo,
)

from panjereh.sso.models import Person, Release
from panjereh.sso.provider.asked_claims import ClaimsUnreadable, read_claims

pytestmark = pytest.mark.django_db


def told_with(client: Client, claims: dict[str, Any], scope: str = "openid") -> tuple[Any, Any]:
    """The id_token and the userinfo of a sign-in that asked so."""
    tokens = redeem(client, code_for(client, claims=json.dumps(claims), scope=scope)).json()
    return claims_of(client, tokens["id_token"]), userinfo(client, tokens["access_token"]).json()


@pytest.mark.req("SSO-08", "SSO-09")
def test_a_claim_asked_by_name_is_told_where_it_was_asked_for(
    inside: Client, person: Person
) -> None:
    asked = {
        "userinfo": {"given_name": {"essential": True}},
        "id_token": {"national_id": None, "auth_time": {"essential": True}},
    }
    id_token, info = told_with(inside, asked)
    assert id_token["national_id"] == person.national_id
    assert "given_name" not in id_token
    assert info["given_name"] == person.given_name
    assert "national_id" not in info
    assert sorted(row.claims[0] for row in Release.objects.all()) == ["given_name", "national_id"]


@pytest.mark.req("SSO-08")
def test_asking_by_name_does_not_widen_the_grant(inside: Client) -> None:
    everything = {"phone_number": None, "birth_date": None, "shoe_size": None}
    id_token, info = told_with(inside, {"userinfo": everything, "id_token": everything})
    assert not set(everything) & (set(id_token) | set(info))
    assert not Release.objects.exists()


def test_verified_claims_say_who_answered_for_them(inside: Client, person: Person) -> None:
    wanted = {"verification": {"trust_framework": None}, "claims": {"family_name": None}}
    _, info = told_with(inside, {"userinfo": {"verified_claims": wanted}})
    assert "family_name" not in info
    verified = info["verified_claims"]
    assert verified["claims"] == {"family_name": person.family_name}
    verification = verified["verification"]
    assert verification["trust_framework"] == "ir_national_window"
    assert [e["record"]["type"] for e in verification["evidence"]] == ["civil-registry", "shahkar"]


@pytest.mark.parametrize("text", ["[]", "1", "{", '{"userinfo": []}', '{"id_token": {"acr": 1}}'])
def test_what_is_no_claims_object_is_told_to_the_client(inside: Client, text: str) -> None:
    told = back_at_client(authorize(inside, claims=text)).told
    assert told["error"] == "invalid_request"


@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_whatever_is_sent_is_read_or_refused(asked: Any) -> None:
    for shape in (asked, {"userinfo": asked}, {"id_token": {"acr": asked}}):
        try:
            found = read_claims(json.dumps(shape))
        except ClaimsUnreadable:
            continue
        assert all(isinstance(name, str) for name in [*found.userinfo, *found.acrs])


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_userinfo_is_signed_for_a_client_that_registered_so(inside: Client, alg: str) -> None:
    register_client(userinfo_alg=alg)
    tokens = redeem(inside, code_for(inside)).json()
    response = userinfo(inside, tokens["access_token"])
    assert response["Content-Type"] == "application/jwt"
    published = KeySet.import_key_set(inside.get("/oauth2/jwks", **HOST).json())
    claims = jwt.decode(response.text, published, [alg]).claims
    assert (claims["iss"], claims["aud"]) == ("http://sso.localhost:8101", "window")
    assert claims["sub"] == claims_of(inside, tokens["id_token"])["sub"]


def test_a_form_brings_the_answer_where_an_address_is_too_open(inside: Client) -> None:
    response = authorize(inside, response_mode="form_post")
    assert response.status_code == 200
    assert f'action="{CALLBACK}"' in response.text
    assert "form-action 'self' https://window.example" in response["Content-Security-Policy"]
    for name in ("code", "state", "iss"):
        assert f'name="{name}"' in response.text
    assert "Location" not in response


def test_an_error_travels_in_the_form_too(inside: Client) -> None:
    response = authorize(inside, response_mode="form_post", prompt="nonsense")
    assert 'name="error" value="invalid_request"' in response.text
