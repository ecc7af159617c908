"""The civil registry changes somebody's identity data while a request is under way: the service
waits, the person confirms who she is, and it goes on. Then a death, and a wrong one undone."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.browser import assert_page_is_sound
from support.citizen import PATIENCE_SECONDS, Citizen

pytestmark = [pytest.mark.journey, pytest.mark.browser]

TO_CONFIRM = "a[href*='/held/']"


@pytest.fixture
def registry(in_floor: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    """Let the civil registry do something: `registry("change_identity", national_id)`."""

    def does(deed: str, national_id: str) -> dict[str, Any]:
        code = f"import json; from panjereh.sandbox.life import {deed} as deed\n"
        told = in_floor("registries", f"{code}print(json.dumps(deed({national_id!r})))")
        done: dict[str, Any] = json.loads(told)
        return done

    return does


@pytest.fixture
def agency_was_told(in_floor: Callable[..., str]) -> Callable[[], None]:
    """The feed and the sign-on both tell the agency; the sign-on's news ends sessions there."""
    count = "from panjereh.sdk.signin.models import TakenEvent as t; print(t.objects.count())"
    before = int(in_floor("agency", count))

    def wait() -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while int(in_floor("agency", count)) == before:
            assert time.monotonic() < deadline, "the sign-on told the agency nothing"

    return wait


@pytest.mark.req("SSO-24", "NIX-11", "NIX-13", "NIX-15")
def test_a_changed_identity_holds_the_service_until_the_person_has_confirmed(
    mother_facts: dict[str, Any],
    citizen: Callable[..., Citizen],
    registry: Callable[..., dict[str, Any]],
    agency_was_told: Callable[[], None],
) -> None:
    mother = citizen(mother_facts, scripts=True)  # the checks of the pages need them
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.confirms_the_address()
    review = mother.page.url

    card = registry("change_identity", mother_facts["national_id"])
    agency_was_told()
    mother.open("agency", "requests/")
    mother.waits_until(TO_CONFIRM)
    mother.page.goto(review)
    mother.presses()

    assert "فرستاده نشده" in mother.reads()
    assert_page_is_sound(mother.page)
    mother.page.locator(TO_CONFIRM).first.click()
    assert_page_is_sound(mother.page)
    mother.answers(card_serial="1A00000000")
    assert "تازه‌ترین کارت" in mother.reads()
    mother.answers(card_serial=card["card_serial"].lower())
    assert "ادامه پیدا می‌کند" in mother.reads()
    assert_page_is_sound(mother.page)

    mother.page.goto(review)
    mother.sends()
    mother.waits_until("#document-link")
    assert card["family_name"] in mother.page.locator("header").inner_text()


@pytest.mark.req("SSO-25")
def test_a_death_closes_the_account_at_once_and_a_wrong_one_is_undone(
    mother_facts: dict[str, Any],
    citizen: Callable[..., Citizen],
    registry: Callable[..., dict[str, Any]],
) -> None:
    person = citizen(mother_facts)
    person.finds_the_service()
    person.starts()
    person.registers()
    person.open("sso", "account/")
    assert "/account/" in person.page.url

    registry("die", mother_facts["national_id"])
    _until(person, "/login/")

    registry("undo_death", mother_facts["national_id"])
    _signs_in_again(person)


def _until(person: Citizen, place: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while place not in person.page.url:
        assert time.monotonic() < deadline, person.page.url
        person.page.wait_for_timeout(200)
        person.open("sso", "account/")


def _signs_in_again(person: Citizen) -> None:
    """As soon as the sign-on has heard of it; until then no code is sent."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "/account/" not in person.page.url:
        assert time.monotonic() < deadline, person.reads()[:500]
        person.open("sso", "login/")
        before = len(person.phone.messages())
        person.answers(national_id=person.facts["national_id"])
        person.page.wait_for_timeout(1000)
        if len(person.phone.messages()) > before:
            person.answers(code=person.phone.code(after=before))
