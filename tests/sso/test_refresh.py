"""Refresh tokens: each link is used once, and the chain ends with its session (RFC 9700 4.14)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import Clock
from django.db import connections
from django.test import Client
from keyed import Holder, new_key
from people import (
    HOST,
    SECRET,
    citizen,
    claims_of,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.sso.models import Grant, Person, RefreshToken, Session
from panjereh.sso.sessions.actions import end_session

OFFLINE = "openid profile national_id offline_access"

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(inside: Client) -> dict[str, Any]:
    register_client(may_refresh=True)
    return dict(redeem(inside, code_for(inside, scope=OFFLINE)).json())


def refresh(client: Client, token: str, **changed: str) -> Any:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": "window",
        "client_secret": SECRET,
    }
    return client.post("/oauth2/token", form | changed, **HOST)


def test_refreshing_gives_new_tokens_of_the_same_sign_in(
    inside: Client, tokens: dict[str, Any], clock: Clock
) -> None:
    clock.forward(minutes=10)
    again = refresh(inside, tokens["refresh_token"]).json()
    assert again["refresh_token"] != tokens["refresh_token"]
    assert userinfo(inside, again["access_token"]).status_code == 200
    before = claims_of(inside, tokens["id_token"])
    after = claims_of(inside, again["id_token"])
    for same in ("sub", "sid", "aud", "acr", "amr", "auth_time"):
        assert after[same] == before[same], same
    assert "nonce" not in after


def test_without_the_scope_or_the_permission_there_is_none(inside: Client) -> None:
    assert "refresh_token" not in redeem(inside, code_for(inside, scope=OFFLINE)).json()
    register_client(may_refresh=True)
    assert "refresh_token" not in redeem(inside, code_for(inside)).json()
    assert not RefreshToken.objects.exists()


def test_an_old_link_ends_the_whole_chain(inside: Client, tokens: dict[str, Any]) -> None:
    newer = refresh(inside, tokens["refresh_token"]).json()
    stolen = refresh(inside, tokens["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert refresh(inside, newer["refresh_token"]).status_code == 400
    assert userinfo(inside, newer["access_token"]).status_code == 401


def test_it_ends_with_the_session_the_person_the_client_and_the_day(
    inside: Client, tokens: dict[str, Any], clock: Clock
) -> None:
    token = tokens["refresh_token"]
    clock.forward(hours=13)
    assert refresh(inside, token).status_code == 400, "after the session's cap"


def test_signing_out_ends_it(inside: Client, tokens: dict[str, Any], person: Person) -> None:
    end_session(Session.objects.get().id, actor=person.id)
    assert refresh(inside, tokens["refresh_token"]).status_code == 400


def test_a_closed_account_ends_it(inside: Client, tokens: dict[str, Any], clock: Clock) -> None:
    Person.objects.update(closed_at=clock.now())
    assert refresh(inside, tokens["refresh_token"]).status_code == 400


def test_taking_the_permission_away_ends_it(inside: Client, tokens: dict[str, Any]) -> None:
    register_client(may_refresh=False)
    assert refresh(inside, tokens["refresh_token"]).json()["error"] == "unauthorized_client"


def test_another_client_can_neither_use_nor_end_it(inside: Client, tokens: dict[str, Any]) -> None:
    register_client("other", secret="other-" + SECRET, may_refresh=True)
    mine = {"client_id": "other", "client_secret": "other-" + SECRET}
    assert refresh(inside, tokens["refresh_token"], **mine).status_code == 400
    inside.post("/oauth2/revoke", {"token": tokens["refresh_token"]} | mine, **HOST)
    assert refresh(inside, tokens["refresh_token"]).status_code == 200


def test_a_wider_scope_is_refused(inside: Client, tokens: dict[str, Any]) -> None:
    wider = refresh(inside, tokens["refresh_token"], scope=OFFLINE + " phone")
    assert wider.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_both(
    inside: Client, tokens: dict[str, Any], which: str
) -> None:
    form = {"token": tokens[which], "client_id": "window", "client_secret": SECRET}
    assert inside.post("/oauth2/revoke", form, **HOST).status_code == 200
    assert userinfo(inside, tokens["access_token"]).status_code == 401
    assert refresh(inside, tokens["refresh_token"]).status_code == 400


def test_revoking_needs_the_client_and_a_token_and_tells_nothing(inside: Client) -> None:
    mine = {"client_id": "window", "client_secret": SECRET}
    assert inside.post("/oauth2/revoke", {"token": "x"}, **HOST).status_code == 401
    assert inside.post("/oauth2/revoke", mine, **HOST).status_code == 400
    assert inside.post("/oauth2/revoke", mine | {"token": "unknown"}, **HOST).status_code == 200


def test_a_bound_chain_needs_its_key(inside: Client) -> None:
    bank = Holder(inside).register(may_refresh=True)
    tokens = bank.redeem(bank.code(scope=OFFLINE)).json()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    newer = bank.post("/oauth2/token", form).json()
    assert newer["token_type"] == "DPoP"
    thief = Holder(inside, key=bank.key, proving=new_key())
    stolen = thief.post("/oauth2/token", form | {"refresh_token": newer["refresh_token"]})
    assert stolen.json()["error"] == "invalid_grant"


@pytest.mark.django_db(transaction=True)
def test_of_twelve_at_once_one_wins_and_the_chain_ends(browser: Client, clock: Clock) -> None:
    register_client(may_refresh=True)
    sign_in(browser, registered(citizen()))
    token = redeem(browser, code_for(browser, scope=OFFLINE)).json()["refresh_token"]

    def once(_: int) -> int:
        try:
            return int(refresh(Client(), token).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(once, range(12)))
    assert sorted(answers) == [200] + [400] * 11
    assert Grant.objects.get().revoked_at is not None
