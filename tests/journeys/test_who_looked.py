"""Within seconds of a request the person sees who looked; asks why; the answer is in the e-box."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.browser import assert_accessible, assert_reflows
from support.citizen import Citizen

pytestmark = [pytest.mark.journey, pytest.mark.browser]

QUESTION = "چرا برای شناسنامهٔ فرزندم مشخصات مرا پرسیده‌اید؟"
ANSWER = "پیش از صدور شناسنامه باید مطمئن می‌شدیم که مشخصات مادر عوض نشده است."
PATIENCE_SECONDS = 15.0


@pytest.fixture
def representative(in_floor: Callable[..., str], citizen: Callable[..., Citizen]) -> Citizen:
    """Acts for civil registration at the exchange."""
    code = (
        "import json; from panjereh.sandbox.people import in_role\n"
        "print(json.dumps(in_role('representative:civil-registration-window')))"
    )
    facts: dict[str, Any] = json.loads(in_floor("registries", code))
    return citizen(facts)


@pytest.mark.req("PRV-01", "PRV-02", "PRV-03", "PRV-15", "NIX-39")
def test_a_mother_sees_who_looked_asks_why_and_is_answered(
    mother: Citizen, representative: Citizen, citizen: Callable[..., Citizen]
) -> None:
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.confirms_the_address()
    tracking_id = mother.sends()
    mother.waits_until("#document-link")

    looks = until(mother, "window", "me/looks/", tracking_id)
    assert "سازمان ثبت احوال کشور" in looks
    assert "پایگاه ملی سلامت گفت: شمارهٔ گواهی ولادت، نام بیمارستان" in looks
    assert "از فرزند شما: کد ملی، نام" in looks
    assert "شاهکار گفت: شمارهٔ تلفن همراه به نام شما هست یا نه" in looks
    assert mother.facts["national_id"] not in looks
    assert mother.page.locator(f"a[href*='/requests/{tracking_id}/']").count()
    assert "هویت و مشخصات" in until(mother, "window", "me/looks/data/", "شاهکار")

    asks(mother, tracking_id)
    answers(representative)

    until(mother, "window", "ebox/", "چرا سازمان ثبت احوال کشور به اطلاعات شما نگاه کرده است")
    mother.opens_the_first_letter()
    assert ANSWER in mother.reads()
    assert "پاسخ در کارپوشهٔ شما هم هست" in until(mother, "window", "me/looks/", ANSWER)

    _the_father_does_not_see_the_mothers_case(citizen(mother.facts["husband"]), tracking_id)


def asks(mother: Citizen, tracking_id: str) -> None:
    mother.open("window", "me/looks/")
    card = mother.page.locator("main li.app-card", has_text=tracking_id)
    card.locator("a[href*='/why/']").click()
    assert_reflows(mother.page)
    mother.answers(text=QUESTION)
    assert "پاسخ بدهد" in mother.reads()


def answers(representative: Citizen) -> None:
    representative.open("operator", "questions/")
    representative.registers()
    representative.page.wait_for_url("**/questions/")
    until(representative, "operator", "questions/", QUESTION)
    representative.page.locator("main a", has_text=QUESTION).first.click()
    assert "مشخصات" in representative.reads()
    representative.answers(text=ANSWER)
    assert ANSWER in representative.reads()


def _the_father_does_not_see_the_mothers_case(father: Citizen, tracking_id: str) -> None:
    father.open("window", "me/looks/")
    father.registers()
    father.page.wait_for_url("**/me/looks/")
    looks = until(father, "window", "me/looks/", "سازمان ثبت احوال کشور")
    assert tracking_id not in looks
    assert "شخص دیگری در کار بوده است" in looks


def until(somebody: Citizen, site: str, path: str, wanted: str) -> str:
    """Records and letters follow within a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while wanted not in (text := read(somebody, site, path)):
        assert time.monotonic() < deadline, f"{wanted} not in {text[:2000]}"
        time.sleep(0.2)
    return text


def read(somebody: Citizen, site: str, path: str) -> str:
    somebody.open(site, path)
    return somebody.reads()


@pytest.mark.req("AGW-20", "PER-16")
@pytest.mark.parametrize("lang", ["fa", "en"])
def test_the_page_with_real_looks_is_sound(
    mother_facts: dict[str, Any], citizen: Callable[..., Citizen], lang: str
) -> None:
    person = citizen(mother_facts, lang=lang, width=320, scripts=True)
    person.open("window", "me/looks/")
    person.registers()
    person.page.wait_for_url("**/me/looks/")
    for path in ("me/looks/", "me/looks/data/"):
        person.open("window", path)
        assert_accessible(person.page)
        assert_reflows(person.page)
