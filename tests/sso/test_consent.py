"""Sites that must ask before they are told; and how long a session may rest."""

from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from people import (
    HOST,
    authorize,
    back_at_client,
    code_for,
    journey_in,
    redeem,
    register_client,
    userinfo,
)

from panjereh.common.text import fold
from panjereh.sso.models import Consent, Person
from panjereh.sso.relying_parties.actions import RegistrationRefused

pytestmark = pytest.mark.django_db

SHOP = {"asks_consent": True, "purpose": {"fa": "فروش نسیه", "en": "Selling on credit"}}


@pytest.fixture
def shop(inside: Client) -> Client:
    register_client("shop", granted_claims=["national_id", "family_name"], **SHOP)
    return inside


def ask(browser: Client, **changed: str | None) -> Any:
    """The page that asks, and its address."""
    to_page = authorize(browser, client_id="shop", **changed)
    return browser.get(to_page["Location"], **HOST)


def answer(browser: Client, page: Any, **typed: str) -> Any:
    response = browser.post(page.request["PATH_INFO"], typed, **HOST)
    while response.status_code == 302:
        response = browser.get(response["Location"], **HOST)
    return response


@pytest.mark.req("PRV-15", "SSO-08")
def test_a_private_site_is_told_only_what_the_person_agreed_to(
    shop: Client, person: Person
) -> None:
    page = ask(shop)
    shown = fold(page.text)
    for own in (person.national_id, person.family_name, "فروش نسیه"):
        assert fold(own) in shown
    assert person.mobile not in shown, "not granted, so not asked"
    told = back_at_client(answer(shop, page, agree="yes")).told
    tokens = redeem(shop, told["code"], client_id="shop").json()
    assert userinfo(shop, tokens["access_token"]).json()["family_name"] == person.family_name
    kept = Consent.objects.get()
    assert (kept.claims, kept.purpose["en"]) == (
        ["national_id", "family_name"],
        "Selling on credit",
    )


def test_who_says_no_goes_back_and_the_site_learns_nothing(shop: Client) -> None:
    back = back_at_client(answer(shop, ask(shop)))
    assert back.told["error"] == "access_denied"
    assert back.told["state"] == "state-of-the-client"
    assert not Consent.objects.exists()


def test_it_is_asked_once_and_again_when_more_is_wanted_or_it_is_wanted(shop: Client) -> None:
    answer(shop, ask(shop, scope="openid national_id"), agree="yes")
    assert "code" in back_at_client(authorize(shop, client_id="shop", scope="openid")).told
    assert "/consent/" in authorize(shop, client_id="shop")["Location"]
    once_more = authorize(shop, client_id="shop", scope="openid", prompt="consent")
    assert "/consent/" in once_more["Location"]
    page = shop.get(once_more["Location"], **HOST)
    assert "code" in back_at_client(answer(shop, page, agree="yes")).told


def test_silently_it_is_an_error(shop: Client) -> None:
    told = back_at_client(authorize(shop, client_id="shop", prompt="none")).told
    assert told["error"] == "consent_required"


def test_taking_it_back_ends_what_it_gave(shop: Client, person: Person) -> None:
    told = back_at_client(answer(shop, ask(shop), agree="yes")).told
    token = redeem(shop, told["code"], client_id="shop").json()["access_token"]
    assert "فروش نسیه" in shop.get("/fa/account/", **HOST).text
    shop.post("/fa/account/consents/shop/", **HOST)
    assert userinfo(shop, token).status_code == 401
    assert Consent.objects.get().ended_at is not None
    assert "/consent/" in authorize(shop, client_id="shop")["Location"]


def test_only_the_person_gives_or_takes_back(shop: Client, person: Person) -> None:
    page = ask(shop)
    stranger = Client()
    assert stranger.post(page.request["PATH_INFO"], {"agree": "yes"}, **HOST).status_code == 410
    answer(shop, page, agree="yes")
    assert stranger.post("/fa/account/consents/shop/", **HOST).status_code == 302
    assert Consent.objects.get().ended_at is None


def test_a_session_that_is_over_meanwhile_leads_to_the_login(shop: Client, clock: Clock) -> None:
    page = ask(shop)
    clock.forward(minutes=16)
    response = shop.post(page.request["PATH_INFO"], {"agree": "yes"}, **HOST)
    assert f"/login/{journey_in(page.request['PATH_INFO'])}/" in response["Location"]


def test_no_site_of_the_government_asks(inside: Client) -> None:
    assert "code" in back_at_client(authorize(inside)).told


# SSO-18


@pytest.mark.req("SSO-18")
def test_a_session_rests_as_long_as_the_service_in_use_takes(inside: Client, clock: Clock) -> None:
    register_client("long-form", session_minutes=45)
    code_for(inside, client_id="long-form")
    clock.forward(minutes=40)
    assert "code" in back_at_client(authorize(inside)).told
    clock.forward(minutes=46)
    assert "/login/" in authorize(inside)["Location"]


@pytest.mark.req("SSO-18")
def test_without_such_a_service_it_ends_after_a_quarter_of_an_hour(
    inside: Client, clock: Clock
) -> None:
    register_client("short-form", session_minutes=5)
    code_for(inside, client_id="short-form")
    clock.forward(minutes=14)
    assert "code" in back_at_client(authorize(inside)).told
    clock.forward(minutes=16)
    assert "/login/" in authorize(inside)["Location"]


@pytest.mark.parametrize("minutes", [0, -1, 61])
def test_a_rest_without_sense_is_refused(db: None, minutes: int) -> None:
    with pytest.raises(RegistrationRefused, match="1 to 60 minutes"):
        register_client("x", session_minutes=minutes)
