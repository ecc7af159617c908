"""The national window for somebody who acts: requests within the mandate, and nobody's letters."""

from dataclasses import replace

import pytest
from django.test import Client
from exchange import Exchange
from nation import MOTHER, SERVICE, STRANGER, TRACKING, card_approved, deliver, sign_in, step

from panjereh.sdk.signin import Acting, Person

pytestmark = pytest.mark.django_db


def acting(kind: str, *services: str) -> Person:
    who = Acting(
        sub=STRANGER.sub,
        kind=kind,
        services=list(services),
        national_id=STRANGER.national_id,
        given_name=STRANGER.given_name,
        family_name=STRANGER.family_name,
    )
    return replace(MOTHER, acting=who)


def window(kind: str, *services: str) -> Client:
    browser = Client()
    sign_in(browser, acting(kind, *services))
    return browser


@pytest.fixture
def request_of_mother(exchange: Exchange) -> None:
    deliver(card_approved(), step("received"))


@pytest.mark.req("WIN-30")
def test_a_helper_sees_the_requests_of_the_mandate_and_no_others(request_of_mother: None) -> None:
    helps = window("helper", SERVICE)
    assert TRACKING in helps.get("/fa/requests/").text
    assert helps.get(f"/fa/requests/{TRACKING}/").status_code == 200
    other = window("helper", "another.service")
    assert TRACKING not in other.get("/fa/requests/").text
    assert other.get(f"/fa/requests/{TRACKING}/").status_code == 404


@pytest.mark.parametrize("path", ["ebox/", "me/", "me/choices/", "me/family/"])
def test_letters_data_and_choices_are_ones_own(path: str, exchange: Exchange) -> None:
    for kind in ("helper", "clerk", "staff"):
        refused = window(kind, "*").get(f"/fa/{path}")
        assert refused.status_code == 403, kind
        assert "/signin/login?next=" in refused.text


def test_a_guardian_makes_the_choices_of_the_child(exchange: Exchange) -> None:
    assert window("guardian", "*").get("/fa/me/choices/").status_code == 200


def test_the_header_says_for_whom_and_who(request_of_mother: None) -> None:
    shown = window("helper", "*").get("/fa/requests/").text
    banner = shown.partition('id="acting-for"')[2].partition("</div>")[0]
    assert MOTHER.family_name in banner
    assert "/signin/login?next=/fa/" in banner
    person = shown.partition('class="app-person"')[2].partition("</div>")[0]
    assert STRANGER.family_name in person
    assert "for=another" not in person, "nobody acts through somebody who acts"


def test_a_service_begun_for_another_is_begun_for_another_at_the_agency(
    request_of_mother: None,
) -> None:
    begun = window("helper", "*").get(f"/fa/go/{SERVICE}/")
    assert "for=another" in begun["Location"]
    assert f"service={SERVICE}" in begun["Location"]
