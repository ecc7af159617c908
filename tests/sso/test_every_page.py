"""Every page in both languages: complete, readable from right to left, sound in a real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.test.signals import template_rendered
from exchange_side import Citizen, ExchangeSide
from live import LiveSso, Shop, register_shop, start_shop, start_sso
from people import (
    HOST,
    Walk,
    authorize,
    citizen,
    code_for,
    journey_in,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import DESKTOP, assert_accessible, assert_light, assert_reflows
from support.browser import browser as chromium

from panjereh.sso.events.actions import take_events
from panjereh.sso.models import Counter, Person, Session
from panjereh.sso.numbers.open_data.actions import publish_month
from panjereh.sso.staff.actions import appoint_officer, the_installation

__all__ = ["chromium"]

TEMPLATES = Path(__file__).parents[2] / "src/panjereh/sso/templates/sso"
PIECES = {"page.html", "resend.html"}

pytestmark = pytest.mark.django_db


class Tour:
    """Leads a browser to each page there is. Each method ends on the page of its name."""

    def __init__(self, exchange: ExchangeSide, language: str) -> None:
        self.exchange, self.language = exchange, language
        self.client = Client()
        self.mother = exchange.add(citizen())

    def walk(self, page: str = "login") -> Walk:
        response = authorize(
            self.client, ui_locales=self.language, prompt="create" if page == "register" else None
        )
        return Speaking(self.client, self.exchange, journey_in(response["Location"]), self.language)

    def home(self) -> Any:
        return self.client.get(f"/{self.language}/", **HOST)

    def login(self) -> Any:
        return self.walk().get("login")

    def login_error(self) -> Any:
        return self.walk().post("login", national_id="123")

    def login_code(self) -> Any:
        walk = self.walk()
        walk.post("login", national_id=self.mother.national_id)
        return walk.get("login/code")

    def login_code_wrong(self) -> Any:
        walk = self.walk()
        walk.post("login", national_id=self.mother.national_id)
        for _ in range(3):
            answer = walk.post("login/code", code="000000")
        return answer

    def question(self) -> Any:
        return self.walk("register").get("register/national-id")

    def birth_date(self) -> Any:
        return self.walk("register").get("register/birth-date")

    def birth_date_wrong(self) -> Any:
        return self.walk("register").post("register/birth-date", birth_date_0="40")

    def mobile(self) -> Any:
        return self.walk("register").get("register/mobile")

    def not_mine(self) -> Any:
        walk = self.walk("register")
        other = citizen()
        other.mobile = "+989350000000"
        walk.answer_all(other)
        return walk.get("register/mobile")

    def registration_code(self) -> Any:
        walk = self.walk("register")
        walk.answer_all(self.mother)
        return walk.get("register/code")

    def confirm(self) -> Any:
        return self._confirmed().get("register/confirm")

    def _confirmed(self) -> Walk:
        walk = self.walk("register")
        known = self.exchange.count_to(self.mother.mobile)
        walk.answer_all(self.mother)
        walk.post("register/code", code=walk.code_sent_to(self.mother.mobile, after=known))
        return walk

    def registered_already(self) -> Any:
        registered(self.mother)
        return self._confirmed().get("register/confirm")

    def stopped(self) -> Any:
        self.exchange.away.add("shahkar")
        walk = self.walk("register")
        walk.answer_all(self.mother)
        self.exchange.away.clear()
        return walk.get("register/check")

    def unsent(self) -> Any:
        self.exchange.away.add("messaging")
        walk = self.walk("register")
        walk.answer_all(self.mother)
        self.exchange.away.clear()
        return walk.get("register/check")

    def deceased(self) -> Any:
        self.mother.vital_status = "deceased"
        walk = self.walk("register")
        walk.answer_all(self.mother)
        return walk.get("register/check")

    def someone_else(self) -> Any:
        walk = self._confirmed()
        sign_in(self.client, registered(citizen(7)))
        return walk.post("register/confirm")

    def begin_again(self) -> Any:
        walk = self.walk()
        return Client().get(walk.at("login"), **HOST)

    def wait(self) -> Any:
        walk = self.walk()
        for _ in range(6):
            answer = walk.post("login", national_id=self.mother.national_id)
        return answer

    def not_trusted(self) -> Any:
        return authorize(self.client, client_id="nobody", ui_locales=self.language)

    def form_post(self) -> Any:
        self._inside()
        return authorize(self.client, response_mode="form_post", ui_locales=self.language)

    def consent(self) -> Any:
        self._inside()
        register_client("shop", asks_consent=True)
        response = authorize(self.client, client_id="shop", ui_locales=self.language)
        return self.client.get(response["Location"], **HOST)

    def account(self) -> Any:
        self._inside()
        return self.client.get(f"/{self.language}/account/", **HOST)

    def releases(self) -> Any:
        self._inside()
        return self.client.get(f"/{self.language}/account/releases/", **HOST)

    def numbers(self) -> Any:
        self._inside()
        appoint_officer(
            actor=the_installation(),
            national_id=self.mother.national_id,
            name="Auditor",
            roles=["auditor"],
        )
        Session.objects.update(level=2)
        return self.client.get(f"/{self.language}/staff/numbers/", **HOST)

    def numbers_wrong_date(self) -> Any:
        self.numbers()
        query = {"day_0": "31", "day_1": "12", "day_2": "1404"}
        return self.client.get(f"/{self.language}/staff/numbers/", query, **HOST)

    def event_receivers(self) -> Any:
        self._inside()
        appoint_officer(
            actor=the_installation(),
            national_id=self.mother.national_id,
            name="Registrar",
            roles=["registrar"],
        )
        Session.objects.update(level=2)
        take_events("window", actor="test", address="https://window.example/signin/events")
        return self.client.post(f"/{self.language}/staff/events/", {"client_id": "x"}, **HOST)

    def open_numbers(self) -> Any:
        registered(self.mother)
        publish_month("1405-07")
        return self.client.get(f"/{self.language}/open-data/numbers/", **HOST)

    def sign_out(self) -> Any:
        self._inside()
        return self.client.get(f"/{self.language}/sign-out/", **HOST)

    def signed_out(self) -> Any:
        return self.client.get(f"/{self.language}/signed-out/", **HOST)

    def _inside(self) -> None:
        sign_in(self.client, registered(self.mother))
        userinfo(self.client, redeem(self.client, code_for(self.client)).json()["access_token"])


class Speaking(Walk):
    def __init__(self, client: Client, exchange: ExchangeSide, journey: Any, language: str) -> None:
        super().__init__(client, exchange, journey)
        self.language = language

    def at(self, page: str, language: str = "") -> str:
        return super().at(page, language or self.language)


PAGES = [name for name in vars(Tour) if not name.startswith("_") and name != "walk"]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_turns_a_number_around_or_forgets_a_translation(
    window: str, exchange: ExchangeSide, name: str
) -> None:
    persian = getattr(Tour(exchange, "fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_english_too(window: str, exchange: ExchangeSide, name: str) -> None:
    exchange.reset()
    english = getattr(Tour(exchange, "en"), name)().content.decode()
    main = re.sub(r"<bdi>.*?</bdi>", "", english.partition("<main")[2].partition("</main>")[0])
    main = main.replace("مریم", "").replace("کریمی", "").replace("حسن", "")
    assert not re.findall("[\u0600-\u06ff]+", main)


def test_the_tour_sees_every_template(window: str, exchange: ExchangeSide) -> None:
    seen: set[str] = set()

    def note(template: Any, **_: object) -> None:
        seen.add(str(template.name))

    template_rendered.connect(note)
    try:
        for name in PAGES:
            _fresh(exchange)
            getattr(Tour(exchange, "fa"), name)()
    finally:
        template_rendered.disconnect(note)
    ours = {f"sso/{path.name}" for path in TEMPLATES.glob("*.html")}
    assert ours - {f"sso/{piece}" for piece in PIECES} <= seen


def _fresh(exchange: ExchangeSide) -> None:
    exchange.reset()
    Person.objects.all().delete()
    Counter.objects.all().delete()


@pytest.fixture(scope="module")
def sheet(chromium: Browser) -> Iterator[Callable[[bytes], Page]]:
    """A tab that shows the markup it is given, with the style sheets and fonts of our files."""
    static, shown = Client(), [b""]

    def serve(route: Any) -> None:
        path = urlsplit(route.request.url).path
        if not path.startswith("/static/"):
            route.fulfill(body=shown[0], content_type="text/html; charset=utf-8")
            return
        found = static.get(path, **HOST)
        body = b"".join(found.streaming_content) if found.streaming else found.content
        route.fulfill(body=body, content_type=found.headers.get("Content-Type", ""))

    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    page.route("**/*", serve)

    def show(markup: bytes) -> Page:
        shown[0] = markup
        page.goto("http://sso.localhost/")
        return page

    yield show
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page], window: str, exchange: ExchangeSide, name: str
) -> None:
    page = sheet(getattr(Tour(exchange, "fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)


# A real journey, scripts off, over three hosts


@pytest.fixture
def live(settings: Any, transactional_db: None, exchange: ExchangeSide) -> Iterator[LiveSso]:
    server = start_sso()
    settings.ISSUER = server.url
    yield server
    server.stop()


@pytest.fixture
def bakery(live: LiveSso, tmp_path: Path) -> Iterator[Shop]:
    shop = start_shop("bakery", live.url, live.inner, tmp_path)
    register_shop(shop)
    yield shop
    shop.stop()


@pytest.mark.browser
@pytest.mark.req("SSO-01", "SSO-03", "SSO-15")
def test_in_a_browser_without_scripts_registration_leads_back_to_a_third_partys_site(
    chromium: Browser, bakery: Shop, exchange: ExchangeSide
) -> None:
    """The last form posts to us and is redirected to another host: its policy must allow that."""
    mother = exchange.add(citizen())
    context = chromium.new_context(java_script_enabled=False, locale="fa-IR")
    try:
        page = context.new_page()
        page.goto(f"{bakery.url}/fa/")
        page.get_by_role("button", name="ورود از طریق دولت من").click()
        page.get_by_role("link", name="ثبت‌نام").click()
        assert_light(page)
        page.fill("[name=national_id]", mother.national_id)
        _press(page, "ادامه")
        page.fill("[name=birth_date_0]", "۱۷")
        page.select_option("[name=birth_date_1]", "7")
        page.fill("[name=birth_date_2]", "۱۳۷۰")
        _press(page, "ادامه")
        page.fill("[name=mobile]", "0" + mother.mobile.removeprefix("+98"))
        _press(page, "ادامه")
        page.fill("[name=code]", exchange.wait_for_sms(mother.mobile).code)
        _press(page, "ادامه")
        assert "کریمی" in page.content()
        _press(page, "بله، خودم هستم")
        assert page.url == f"{bakery.url}/fa/"
        assert "Shop of کریمی" in page.inner_text("main")
        _leave(page, mother)
    finally:
        context.close()


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _leave(page: Page, mother: Citizen) -> None:
    page.get_by_role("button", name="خروج").first.click()
    assert "/signin/signed-out" in page.url
    assert "خارج شدید" in page.inner_text("main")
    assert mother.family_name not in page.content()
