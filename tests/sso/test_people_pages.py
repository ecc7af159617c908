"""Pages of foreigners, children and companies, as test_every_page does for the rest; and the three
registrations in a real browser, scripts off."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test.signals import template_rendered
from exchange_side import Company, ExchangeSide
from live import LiveSso
from people import citizen, registered
from people_pages import LEGAL_ID, PAGES, PeopleTour, foreigner, newborn
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import NARROW, assert_accessible, assert_light, assert_reflows
from support.browser import browser as chromium
from test_every_page import _fresh as fresh
from test_every_page import live, sheet

from panjereh.sso.models import Person
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.people.models import ForeignResident, Guardianship

__all__ = ["chromium", "live", "sheet"]

ROOMS = Path(__file__).parents[2] / "src/panjereh/sso"
INVENTED = ("مریم", "کریمی", "حسن", "کیان", "نورا", "بازرگانی نمونه", "سهامی خاص")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", PAGES)
def test_no_page_turns_a_number_around_or_forgets_a_translation(
    window: str, exchange: ExchangeSide, name: str
) -> None:
    persian = getattr(PeopleTour(exchange, "fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_english_too(window: str, exchange: ExchangeSide, name: str) -> None:
    english = getattr(PeopleTour(exchange, "en"), name)().content.decode()
    main = re.sub(r"<bdi.*?</bdi>", "", english.partition("<main")[2].partition("</main>")[0])
    for word in (*INVENTED, "نجیب‌الله", "نورزی", "میرویس"):
        main = main.replace(word, "")
    assert not re.findall("[\u0600-\u06ff]+", main)


def test_the_tour_sees_every_template(window: str, exchange: ExchangeSide) -> None:
    seen: set[str] = set()

    def note(template: Any, **_: object) -> None:
        seen.add(str(template.name))

    template_rendered.connect(note)
    try:
        for name in PAGES:
            Organisation.objects.all().delete()
            fresh(exchange)
            getattr(PeopleTour(exchange, "fa"), name)()
    finally:
        template_rendered.disconnect(note)
    folders = [ROOMS / room / "templates" / f"sso_{room}" for room in ("people", "organisations")]
    ours = {f"{path.parent.name}/{path.name}" for one in folders for path in one.glob("*.html")}
    assert ours <= seen


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page], window: str, exchange: ExchangeSide, name: str
) -> None:
    page = sheet(getattr(PeopleTour(exchange, "fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)


# Three people in a browser without scripts, on a phone


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, locale="fa-IR", viewport=NARROW)
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.browser
@pytest.mark.req("SSO-21", "SSO-03")
def test_a_foreigner_registers(phone: Page, live: LiveSso, exchange: ExchangeSide) -> None:
    worker = exchange.add_foreigner(foreigner())
    phone.goto(f"{live.url}/fa/")
    phone.get_by_role("link", name="ثبت‌نام").click()
    assert_light(phone)
    phone.fill("[name=national_id]", worker.fida_code)
    press(phone, "ادامه")
    phone.fill("[name=birth_date_0]", "9")
    phone.select_option("[name=birth_date_1]", label="اکتبر")
    phone.fill("[name=birth_date_2]", "1991")
    press(phone, "ادامه")
    phone.fill("[name=mobile]", worker.mobile)
    press(phone, "ادامه")
    phone.fill("[name=code]", exchange.wait_for_sms(worker.mobile).code)
    press(phone, "ادامه")
    assert "Najibullah Noorzai" in phone.inner_text("main")
    press(phone, "بله، خودم هستم")
    assert phone.url.endswith("/fa/account/")
    assert ForeignResident.objects.get().person.national_id == worker.fida_code


@pytest.mark.browser
@pytest.mark.req("SSO-22")
def test_a_father_registers_a_newborn(phone: Page, live: LiveSso, exchange: ExchangeSide) -> None:
    father, child = exchange.add(citizen()), exchange.add(newborn())
    registered(father)
    exchange.let_act(father.national_id, child.national_id)
    _sign_in(phone, live, exchange, father.national_id, father.mobile)
    phone.get_by_role("link", name="ثبت‌نام فرزند").click()
    phone.get_by_label("کیان").check()
    press(phone, "ادامه")
    assert "پدر" in phone.inner_text("main")
    press(phone, "بله، حساب را باز کنید")
    assert "حساب باز شد" in phone.inner_text("h1")
    phone.get_by_role("link", name="ثبت‌نام فرزندی دیگر").click()
    assert "همهٔ فرزندانی" in phone.inner_text("main")
    assert Guardianship.objects.get().child.national_id == child.national_id


@pytest.mark.browser
@pytest.mark.req("SSO-06", "WIN-02")
def test_a_chief_executive_registers_a_company(
    phone: Page, live: LiveSso, exchange: ExchangeSide
) -> None:
    chief = exchange.add(citizen())
    registered(chief)
    exchange.add_company(Company(LEGAL_ID, chief.national_id))
    _sign_in(phone, live, exchange, chief.national_id, chief.mobile)
    phone.get_by_role("link", name="ثبت‌نام شرکت").click()
    phone.fill("[name=legal_id]", LEGAL_ID)
    press(phone, "ادامه")
    assert "بازرگانی نمونه" in phone.inner_text("main")
    press(phone, "بله، ثبت‌نام کنید")
    assert "شرکت ثبت‌نام شد" in phone.inner_text("h1")
    phone.get_by_role("link", name="ثبت‌نام شرکتی دیگر").click()
    phone.fill("[name=legal_id]", LEGAL_ID)
    press(phone, "ادامه")
    assert "پیش‌تر ثبت‌نام شده" in phone.inner_text("h1")
    assert Organisation.objects.get().registered_by == Person.objects.get()


def _sign_in(
    page: Page, live: LiveSso, exchange: ExchangeSide, national_id: str, mobile: str
) -> None:
    page.goto(f"{live.url}/fa/login/")
    page.fill("[name=national_id]", national_id)
    page.locator("main form button").first.click()
    page.fill("[name=code]", exchange.wait_for_sms(mobile).code)
    page.locator("main form button").first.click()
    page.goto(f"{live.url}/fa/account/")
