"""A clerk at a counter gets a newborn's birth certificate for the mother, with her own code."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from support.browser import assert_reflows
from support.citizen import SERVICE, Citizen

pytestmark = [pytest.mark.journey, pytest.mark.browser]

InFloor = Callable[..., str]


@pytest.fixture
def clerk(in_floor: InFloor, citizen: Callable[..., Citizen]) -> Citizen:
    """The sandbox registers the clerk of the agency at its counter, too."""
    code = (
        "import json; from panjereh.sandbox.people import in_role\n"
        "print(json.dumps(in_role('staff')))"
    )
    facts: dict[str, Any] = json.loads(in_floor("registries", code))
    return citizen(facts)


@pytest.mark.req("PIS-01", "WIN-30")
def test_a_clerk_files_for_a_mother_who_consents_on_her_own_phone(
    mother: Citizen, clerk: Citizen
) -> None:
    mother.open("window", "me/")
    mother.registers()

    _begins_for_a_citizen(clerk)
    _asks(clerk, mother)
    assert_reflows(clerk.page)

    # At the agency: her request, and every page says who sits there.
    banner = clerk.page.inner_text("#acting-for")
    assert mother.facts["family_name"] in banner
    assert clerk.facts["family_name"] in clerk.page.inner_text("header")
    clerk.page.locator(f"main a[href*='/services/{SERVICE}/apply/']").first.click()
    clerk.confirms_the_birth()
    clerk.presses()
    clerk.answers(child_name=clerk.child_name)
    clerk.confirms_the_address()
    tracking_id = clerk.sends()
    clerk.waits_until("#document-link")

    # One click, and he is himself again: her request is not among his.
    clerk.page.locator("#acting-for a").click()
    assert not clerk.page.locator("#acting-for").count()
    clerk.open("agency", "requests/")
    assert tracking_id not in clerk.page.content()

    _she_sees_it(mother, clerk, tracking_id)


def _begins_for_a_citizen(clerk: Citizen) -> None:
    clerk.open("agency", f"services/{SERVICE}/")
    clerk.page.locator("main a[href*='for=another']").click()
    clerk.registers()
    clerk.page.locator("main input[value=citizen]").check()
    clerk.presses()


def _asks(clerk: Citizen, mother: Citizen) -> None:
    known = len(mother.phone.messages())
    clerk.answers(national_id=mother.facts["national_id"])
    code = mother.phone.code(after=known)
    told = mother.phone.wait_for(code)
    assert clerk.facts["family_name"] in told
    assert "شناسنامه" in told
    clerk.answers(code=code)


def _she_sees_it(mother: Citizen, clerk: Citizen, tracking_id: str) -> None:
    mother.open("window", "requests/")
    assert tracking_id in mother.page.content()
    mother.open("agency", f"requests/{tracking_id}/")
    assert clerk.facts["family_name"] in mother.reads()
    mother.open("sso", "account/acting/")
    assert clerk.facts["family_name"] in mother.reads()
    assert_reflows(mother.page)
