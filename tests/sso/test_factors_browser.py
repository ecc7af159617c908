"""Passkeys in a real browser with Chromium's own authenticator of software (WebAuthn over CDP)."""

from collections.abc import Iterator
from typing import Any

import pytest
from exchange_side import Citizen, ExchangeSide
from live import LiveSso, start_sso
from people import citizen, registered
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from support.browser import DESKTOP, assert_accessible, assert_light, assert_reflows
from support.browser import browser as chromium

__all__ = ["chromium"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def live(settings: Any, transactional_db: None, exchange: ExchangeSide) -> Iterator[LiveSso]:
    server = start_sso()
    settings.ISSUER = server.url
    yield server
    server.stop()


@pytest.fixture
def mother(live: LiveSso, exchange: ExchangeSide) -> Citizen:
    someone = exchange.add(citizen(4714))
    registered(someone)
    return someone


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    fresh = chromium.new_context(viewport=DESKTOP, locale="fa-IR")
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    tab = context.new_page()
    tab.on("console", lambda message: complaints.append(message.text))
    complaints: list[str] = []
    tab.complaints = complaints  # type: ignore[attr-defined]
    return tab


@pytest.fixture
def device(context: BrowserContext, page: Page) -> tuple[CDPSession, str]:
    wire = context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    added = wire.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return wire, str(added["authenticatorId"])


def finger(device: tuple[CDPSession, str], *, right: bool) -> None:
    wire, name = device
    verified = {"authenticatorId": name, "isUserVerified": right}
    wire.send("WebAuthn.setUserVerified", verified)


def in_by_sms(page: Page, live: LiveSso, who: Citizen, exchange: ExchangeSide) -> None:
    page.goto(f"{live.url}/fa/login/")
    page.fill("[name=national_id]", who.national_id)
    press(page, "کد را برایم بفرست")
    page.fill("[name=code]", exchange.wait_for_sms(who.mobile).code)
    press(page, "ورود")
    assert page.url == f"{live.url}/fa/account/"


def add(page: Page, live: LiveSso, name: str) -> None:
    page.goto(f"{live.url}/fa/account/ways/")
    page.get_by_role("button", name="افزودن گذرکلید").click()
    page.fill("[name=name]", name)
    press(page, "ساختن گذرکلید")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def out(page: Page) -> None:
    press(page, "خروج")
    assert "/signed-out/" in page.url


@pytest.mark.req("SSO-05")
def test_a_device_is_added_and_signs_in_without_national_id(
    page: Page, device: Any, live: LiveSso, mother: Citizen, exchange: ExchangeSide
) -> None:
    in_by_sms(page, live, mother, exchange)
    add(page, live, "گوشی قرمز")
    page.wait_for_url(f"{live.url}/fa/account/ways/")
    assert "گوشی قرمز" in page.inner_text("main")
    assert_accessible(page)
    page.goto(f"{live.url}/fa/account/")
    out(page)
    sent = exchange.count_to(mother.mobile)
    page.goto(f"{live.url}/fa/login/")
    page.get_by_role("button", name="ورود با گذرکلید").click()
    page.wait_for_url(f"{live.url}/fa/account/")
    assert mother.family_name in page.inner_text("main")
    assert exchange.count_to(mother.mobile) == sent
    assert page.complaints == []  # type: ignore[attr-defined]


def test_the_same_device_again_is_told_and_a_wrong_finger_too(
    page: Page, device: Any, live: LiveSso, mother: Citizen, exchange: ExchangeSide
) -> None:
    in_by_sms(page, live, mother, exchange)
    add(page, live, "گوشی قرمز")
    page.wait_for_url(f"{live.url}/fa/account/ways/")
    add(page, live, "باز هم گوشی قرمز")
    says(page, "این دستگاه پیش‌تر افزوده شده است.")
    assert_accessible(page)
    assert_reflows(page)
    finger(device, right=False)
    press(page, "ساختن گذرکلید")
    says(page, "لغو شد")


def test_who_has_no_passkey_here_is_told_what_to_do(
    page: Page, device: Any, live: LiveSso, exchange: ExchangeSide
) -> None:
    page.goto(f"{live.url}/fa/login/")
    page.get_by_role("button", name="ورود با گذرکلید").click()
    press(page, "با گذرکلیدم وارد می‌شوم")
    says(page, "در این دستگاه گذرکلید مناسبی نیست")
    assert_accessible(page)
    assert_reflows(page)
    assert_light(page)
    page.get_by_role("link", name="ورود از راه دیگر").click()
    assert page.locator("[name=national_id]").is_visible()


def test_a_browser_without_passkeys_says_so(
    context: BrowserContext, live: LiveSso, exchange: ExchangeSide
) -> None:
    context.add_init_script("delete window.PublicKeyCredential")
    page = context.new_page()
    page.goto(f"{live.url}/en/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    says(page, "This browser or device cannot use passkeys.")


def test_with_scripts_off_the_page_says_what_is_needed_and_leads_on(
    chromium: Browser, live: LiveSso, exchange: ExchangeSide
) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="fa-IR")
    try:
        page = context.new_page()
        page.goto(f"{live.url}/fa/login/")
        page.get_by_role("button", name="ورود با گذرکلید").click()
        assert "این صفحه به جاوااسکریپت نیاز دارد" in page.inner_text("main")
        assert not page.get_by_role("button", name="با گذرکلیدم وارد می‌شوم").is_visible()
        page.get_by_role("link", name="ورود از راه دیگر").click()
        assert page.locator("[name=national_id]").is_visible()
    finally:
        context.close()


def says(page: Page, text: str) -> None:
    page.get_by_role("alert").get_by_text(text).wait_for()
