"""Wrong answers: each has its message for the reader, and the right answer goes on from there."""

from collections.abc import Callable
from typing import Any

import pytest
from support.citizen import Citizen

pytestmark = [pytest.mark.journey, pytest.mark.browser]


def message_of(person: Citizen) -> str:
    told = " ".join(person.page.inner_text(".govuk-error-summary").split())
    assert person.page.title().startswith("خطا")
    return told


@pytest.fixture
def at_registration(mother: Citizen) -> Citizen:
    mother.finds_the_service()
    mother.starts()
    mother.page.locator("main a[href*='/register/']").first.click()
    return mother


@pytest.mark.req("AGW-13", "SSO-02", "SSO-05")
def test_every_wrong_answer_on_the_way_is_told_at_its_field(
    at_registration: Citizen, citizen: Callable[..., Citizen]
) -> None:
    mother, facts = at_registration, at_registration.facts

    last = int(facts["national_id"][9])
    mother.answers(national_id=facts["national_id"][:9] + str((last + 1) % 10))
    assert "کد ملی" in message_of(mother)
    mother.answers(national_id=facts["national_id"])

    mother.gives_birth_date("1360/01/01")
    mother.messages_before = len(mother.phone.messages())
    mother.answers(mobile=facts["husband"]["mobile"])
    assert mother.page.locator("main input[name=code]").count() == 0, "no code goes to strangers"
    assert message_of(mother)


@pytest.mark.req("SSO-05", "SSO-02")
def test_a_wrong_and_a_used_code_open_nothing(at_registration: Citizen) -> None:
    mother = at_registration
    mother.answers_the_questions()
    code = mother.phone.code(after=mother.messages_before)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"

    code_page = mother.page.url
    mother.answers(code=wrong)
    assert "کد" in message_of(mother)
    mother.answers(code=code)
    assert mother.facts["family_name"] in mother.reads()

    mother.page.goto(code_page)
    if mother.page.locator("main [name=code]").count():
        mother.answers(code=code)
    assert "civil-registration" not in mother.page.url


@pytest.mark.req("SMT-09", "AGW-13")
@pytest.mark.parametrize("name", ["دکتر", "John", "ا", "زباله"])
def test_a_name_that_the_rules_refuse_says_why(mother: Citizen, name: str) -> None:
    mother.arrives_at_the_form()
    mother.confirms_the_birth()
    mother.presses()
    mother.answers(child_name=name)
    assert "قانون" in message_of(mother)
    mother.answers(child_name=mother.child_name)
    assert "کد پستی" in mother.reads()


@pytest.mark.req("AGW-06")
def test_a_postal_code_that_does_not_exist_asks_again(mother: Citizen) -> None:
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    field = mother.page.locator("main input[inputmode=numeric]").first.get_attribute("name")
    mother.answers(**{str(field): "1999999999"})
    assert "کد پستی" in message_of(mother)


def test_somebody_elses_request_is_not_found(
    mother: Citizen, citizen: Callable[..., Citizen], mother_facts: dict[str, Any]
) -> None:
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.confirms_the_address()
    tracking_id = mother.sends()

    father = citizen(mother_facts["husband"])
    for site in ("agency", "window"):
        father.open(site, f"requests/{tracking_id}/")
        if "sso.localhost" in father.page.url:
            father.registers()
        assert tracking_id not in father.reads()
