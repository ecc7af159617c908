"""Clients show who they are: one way at a time, and strangers learn nothing."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from conftest import Clock
from django.test import Client
from people import (
    CALLBACK,
    HOST,
    SECRET,
    VERIFIER,
    authorize,
    code_for,
    redeem,
    register_client,
    sign_in,
)

from panjereh.sso.models import Person, RelyingParty
from panjereh.sso.provider import keys
from panjereh.sso.relying_parties.queries import forget

pytestmark = pytest.mark.django_db


def basic(user: str, secret: str) -> dict[str, str]:
    joined = f"{quote_plus(user)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(joined.encode()).decode()}


def by_basic(client: Client, code: str, headers: dict[str, str], **more: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return client.post("/oauth2/token", form | more, headers=headers, **HOST)


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("a-b", "x" * 32 + "%+&: =/?ä"), ("window.site:80", SECRET), ("plain", "y" * 40)],
)
def test_basic_credentials_are_form_decoded(
    browser: Client, person: Person, client_id: str, secret: str
) -> None:
    register_client(client_id, secret=secret)
    sign_in(browser, person)
    code = code_for(browser, client_id=client_id)
    assert by_basic(browser, code, basic(client_id, secret)).status_code == 200


def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(inside: Client) -> None:
    code = code_for(inside)
    answers = [
        redeem(inside, code, client_secret="wrong" * 10),
        redeem(inside, code, client_id="nobody"),
        redeem(inside, code, client_secret=None),
        by_basic(inside, code, basic("window", "wrong" * 10)),
        by_basic(inside, code, basic("nobody", SECRET)),
        by_basic(inside, code, {"Authorization": "Basic ????"}),
        by_basic(inside, code, {"Authorization": "Basic " + base64.b64encode(b"\xff:").decode()}),
    ]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}
    assert answers[0].json()["error"] == "invalid_client"
    assert answers[0]["WWW-Authenticate"].startswith("Basic")
    assert redeem(inside, code).status_code == 200, "strangers do not burn a code"


@pytest.mark.parametrize("headers", [basic("window", SECRET), {"Authorization": "Bearer x"}])
def test_one_way_of_authentication_at_a_time(inside: Client, headers: dict[str, str]) -> None:
    response = by_basic(inside, "x", headers, client_id="window", client_secret=SECRET)
    assert response.json()["error"] == "invalid_request"


def test_secrets_are_kept_as_digests_and_compared_in_constant_time(window: str) -> None:
    party = RelyingParty.objects.values().get()
    assert SECRET not in str(party)
    source = Path(keys.__file__).with_name("clients.py").read_text()
    assert "hmac.compare_digest(digest, given)" in source


def test_a_closed_client_gets_nothing(inside: Client, clock: Clock) -> None:
    code = code_for(inside)
    RelyingParty.objects.update(closed_at=clock.now())
    forget()
    assert redeem(inside, code).status_code == 401
    assert authorize(inside).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"grant_type": "password"},
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token"},
        {"grant_type": None},
        {"code": None},
        {"code": "unknown"},
        {"code": "bad\x00"},
    ],
)
def test_only_the_code_grant_exists(inside: Client, changed: dict[str, str | None]) -> None:
    response = redeem(inside, **{"code": code_for(inside)} | changed)
    assert response.status_code == 400
    assert "access_token" not in response.json()


def test_the_token_endpoint_takes_forms_only(inside: Client) -> None:
    assert inside.get("/oauth2/token", **HOST).status_code == 405
    query = {"grant_type": "authorization_code", "code": code_for(inside)}
    response = inside.post(f"/oauth2/token?{urlencode(query)}", {}, **HOST)
    assert response.status_code == 400
