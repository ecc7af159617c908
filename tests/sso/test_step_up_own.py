"""Step-up for a page of our own, where no site has asked: the account, the desk of an officer."""

from typing import Any

import pytest
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, Walk, citizen, journey_in
from test_step_up import prove, show_face

from panjereh.sso.models import Person, Session
from panjereh.sso.people.actions import attain

pytestmark = pytest.mark.django_db


def begin_own(client: Client, **typed: str) -> Any:
    return client.post("/fa/step-up/", {"level": "2"} | typed, **HOST)


def test_a_person_steps_up_for_a_page_of_our_own(inside: Client, exchange: ExchangeSide) -> None:
    exchange.add(citizen())
    response = begin_own(inside, next="/fa/account/sign-ins/")
    walk = Walk(inside, exchange, journey_in(response["Location"]))
    assert walk.get("step-up")["Location"] == walk.at("face"), "a signature is for what sites ask"
    assert "سطح ۲" in walk.get("face").content.decode()
    assert show_face(walk)["Location"] == walk.at("continue")
    assert walk.get("continue")["Location"] == "/fa/account/sign-ins/"
    assert Session.objects.get().level == 2
    assert walk.get("face").status_code == 410


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "x" * 400, "/\n/x"]
)
def test_the_way_back_is_always_a_page_of_our_own(
    inside: Client, exchange: ExchangeSide, elsewhere: str
) -> None:
    response = begin_own(inside, next=elsewhere)
    walk = Walk(inside, exchange, journey_in(response["Location"]))
    assert walk.post("step-up/give-up")["Location"] == "/fa/account/"


@pytest.mark.parametrize("level", ["3", "9", "0", "-1", "x", "", "²", "1" * 9])
def test_only_a_level_that_a_session_can_have_is_offered(inside: Client, level: str) -> None:
    assert begin_own(inside, level=level).status_code == 400


def test_nobody_steps_up_who_is_not_signed_in_or_on_another_site(
    inside: Client, browser: Client
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = inside.cookies
    assert begin_own(strict).status_code == 403
    assert "/login/" in begin_own(Client())["Location"]
    assert inside.get("/fa/step-up/", **HOST).status_code == 405


def test_the_account_shows_what_was_reached_and_what_holds_now(
    inside: Client, person: Person
) -> None:
    page = inside.get("/fa/account/", **HOST).content.decode()
    assert "سطح ۱" in page
    assert "اکنون در سطح ۲ وارد می‌شوم" in page
    assert "اکنون در سطح ۳" not in page
    attain(person.id, 2, "test")
    prove(inside, person, "face")
    page = inside.get("/fa/account/", **HOST).content.decode()
    assert "اکنون در سطح ۲ وارد می‌شوم" not in page
