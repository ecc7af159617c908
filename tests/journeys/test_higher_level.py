"""A service that needs level 2: to the face check and back, with everything typed still there."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from support.browser import assert_accessible, assert_reflows
from support.citizen import Citizen

pytestmark = [pytest.mark.journey, pytest.mark.browser]

LETTER = "services/civil-registration.identity-letter/"
RECIPIENT = "دانشگاه نمونه"


@pytest.fixture
def selfie(in_floor: Callable[..., str], tmp_path: Path) -> Callable[[Citizen], Path]:
    """What the telephone of this person takes."""

    def take(of: Citizen) -> Path:
        code = (
            "from panjereh.sandbox.people import camera_picture_of\n"
            f"print(camera_picture_of({of.facts['national_id']!r})['photo'])"
        )
        path = tmp_path / "me.jpg"
        path.write_bytes(base64.b64decode(in_floor("registries", code)))
        return path

    return take


def begins_the_letter(who: Citizen) -> None:
    who.open("agency", LETTER)
    who.page.locator("main a[href*='/apply/']").first.click()


def shows_the_face(page: Page, selfie: Path) -> None:
    page.locator("main a[href*='/face/']").click()
    page.set_input_files("#id_photo", str(selfie))
    page.locator("main form button").first.click()


def writes_the_recipient(who: Citizen) -> None:
    who.page.fill("[name=recipient]", RECIPIENT)
    who.page.locator("main input[type=radio]").first.check()


@pytest.mark.req("SSO-10", "SSO-11", "SSO-12", "WIN-02")
def test_a_person_at_level_1_is_led_to_the_face_check_and_back(
    mother: Citizen, selfie: Callable[[Citizen], Path]
) -> None:
    mother.arrives_at_the_form()  # of the newborn's certificate, which needs level 1
    mother.open("agency", LETTER)
    assert "سطح ۲" in mother.reads()
    begins_the_letter(mother)

    assert "/step-up/" in mother.page.url
    shows_the_face(mother.page, selfie(mother))
    assert mother.page.url.endswith("/apply/use/")
    form = mother.page.url

    mother.page.go_back()  # where the way has ended
    assert mother.page.locator("main h1").count() == 1
    mother.page.goto(form)

    writes_the_recipient(mother)
    mother.presses()
    assert mother.facts["given_name"] in mother.reads()
    mother.presses()
    assert RECIPIENT in mother.reads()
    mother.sends()
    mother.waits_until("#document-link")


@pytest.mark.req("SSO-12", "AGW-07")
def test_a_form_that_is_sent_too_late_waits_for_its_person(
    mother: Citizen, selfie: Callable[[Citizen], Path]
) -> None:
    """Between opening and sending both sign-ins run out: nothing is typed twice."""
    mother.open("agency", LETTER)
    mother.page.locator("main a[href*='/apply/']").first.click()
    mother.registers()
    photo = selfie(mother)
    shows_the_face(mother.page, photo)
    writes_the_recipient(mother)

    mother.page.context.clear_cookies(name=re.compile("sessionid|sso"))
    mother.presses()
    mother.messages_before = len(mother.phone.messages())
    mother.answers(national_id=mother.facts["national_id"])
    mother.types_the_code()
    shows_the_face(mother.page, photo)

    assert "فرم شما سر جای خود است" in mother.reads()
    mother.presses()
    assert mother.page.url.endswith("/apply/person/")
    mother.presses()
    assert RECIPIENT in mother.reads()


def test_the_waiting_form_is_a_page_for_everybody(
    mother: Citizen, citizen: Callable[..., Citizen]
) -> None:
    seen = citizen(mother.facts, scripts=True)
    begins_the_letter(seen)
    seen.registers()
    seen.open("agency", "services/civil-registration.newborn-certificate/apply/")
    seen.page.context.clear_cookies(name="sessionid")
    seen.presses()
    assert "فرم شما سر جای خود است" in seen.reads()
    assert_accessible(seen.page)
    assert_reflows(seen.page)
