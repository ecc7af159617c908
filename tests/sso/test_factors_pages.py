"""Every page of the ways to sign in, in both languages, as test_every_page does for the rest."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from device import Device
from django.test import Client
from django.test.signals import template_rendered
from exchange_side import ExchangeSide
from factor_walks import at, enrolled, options_on, sheet_of, sms_refused, with_app
from people import HOST, Walk, journey_in, registered, sign_in
from playwright.sync_api import Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_reflows
from support.browser import browser as chromium
from test_every_page import Speaking, Tour, sheet
from test_every_page import _fresh as fresh
from test_factors_counter import officer

from panjereh.common import clock
from panjereh.sso.factors.models import Passkey
from panjereh.sso.models import Session

__all__ = ["chromium", "sheet"]

TEMPLATES = Path(__file__).parents[2] / "src/panjereh/sso/factors/templates/sso_factors"
pytestmark = pytest.mark.django_db


class WaysTour(Tour):
    def _mine(self) -> None:
        sign_in(self.client, registered(self.mother))

    def _own(self, page: str = "", **typed: str) -> Any:
        return at(self.client, page, language=self.language, **typed)

    def _full(self) -> None:
        self._mine()
        enrolled(self.client, name="کلید <محل کار>")
        with_app(self.client)
        sheet_of(self.client)

    def _second(self) -> Walk:
        self._full()
        sms_refused(self.client)
        del self.client.cookies["sso"]
        walk = self.walk()
        known = self.exchange.count_to(self.mother.mobile)
        walk.post("login", national_id=self.mother.national_id)
        code = walk.code_sent_to(self.mother.mobile, after=known)
        walk.post("login/code", code=code)
        return walk

    def passkey(self) -> Any:
        return self.walk().get("login/passkey")

    def passkey_late(self) -> Any:
        walk = self.walk()
        return walk.post("login/passkey", answer="{}")

    def passkey_refused(self) -> Any:
        walk = self.walk()
        walk.get("login/passkey")
        return walk.post("login/passkey", answer="{}")

    def passkey_unknown(self) -> Any:
        walk = self.walk()
        answer = Device(handle=bytes(32)).get(options_on(walk.get("login/passkey")))
        return walk.post("login/passkey", answer=answer)

    def passkey_stopped(self) -> Any:
        self._mine()
        device = enrolled(self.client)
        Passkey.objects.update(stopped_at=clock.now())
        del self.client.cookies["sso"]
        walk = self.walk()
        answer = device.get(options_on(walk.get("login/passkey")))
        return walk.post("login/passkey", answer=answer)

    def app(self) -> Any:
        return self.walk().get("login/app")

    def app_wrong(self) -> Any:
        return self._second().post("login/app", code="000000")

    def app_new_browser(self) -> Any:
        national_id = self.mother.national_id
        return self.walk().post("login/app", national_id=national_id, code="000000")

    def recovery(self) -> Any:
        return self.walk().get("login/recovery")

    def recovery_wrong(self) -> Any:
        national_id = self.mother.national_id
        return self.walk().post("login/recovery", national_id=national_id, code="0" * 20)

    def second(self) -> Any:
        return self._second().get("login/second")

    def ways_none(self) -> Any:
        self._mine()
        return self._own()

    def ways_full(self) -> Any:
        self._full()
        sms_refused(self.client)
        Passkey.objects.update(stopped_at=clock.now(), used_at=clock.now())
        return self._own()

    def ways_reset_waiting(self) -> Any:
        self._full()
        self._desk().post(*self._asked(), **HOST)
        return self._own()

    def reset(self) -> Any:
        return self._desk().get(self._asked()[0], **HOST)

    def reset_nobody(self) -> Any:
        return self._desk().post(*self._asked(), **HOST)

    def reset_asked(self) -> Any:
        registered(self.mother)
        return self._desk().post(*self._asked(), **HOST)

    def _asked(self) -> tuple[str, dict[str, str]]:
        typed = {"national_id": self.mother.national_id, "record": "1405/77"}
        return f"/{self.language}/staff/ways/", typed

    def _desk(self) -> Client:
        return officer("support")[0]

    def add_passkey(self) -> Any:
        self._mine()
        return self._own("passkeys/add/")

    def add_passkey_nameless(self) -> Any:
        self._mine()
        return self._own("passkeys/add/", name="", answer="{}")

    def rename(self) -> Any:
        self._full()
        return self._own(f"passkeys/{Passkey.objects.get().id}/")

    def remove(self) -> Any:
        self._full()
        return self._own(f"passkeys/{Passkey.objects.get().id}/remove/")

    def remove_last(self) -> Any:
        self._full()
        sms_refused(self.client)
        self._own("app/remove/", yes="1")
        return self._own(f"passkeys/{Passkey.objects.get().id}/remove/", yes="1")

    def add_app(self) -> Any:
        self._mine()
        return self._own("app/add/")

    def add_app_wrong(self) -> Any:
        self._mine()
        return self._own("app/add/", code="000000", name="")

    def make_codes(self) -> Any:
        self._full()
        return self._own("recovery/")

    def codes(self) -> Any:
        self._mine()
        return self._own("recovery/", go="1")

    def sms(self) -> Any:
        self._mine()
        return self._own("sms/")

    def sms_missing(self) -> Any:
        self._mine()
        return self._own("sms/", sms="refuse")

    def sms_refused(self) -> Any:
        self._full()
        sms_refused(self.client)
        return self._own("sms/")

    def login_again(self) -> Any:
        self._mine()
        return self._stale().get("login")

    def _stale(self) -> Walk:
        Session.objects.update(authenticated_at=clock.now() - timedelta(minutes=11))
        journey = journey_in(self._own("recovery/")["Location"])
        return Speaking(self.client, self.exchange, journey, self.language)

    def account_ways(self) -> Any:
        self._full()
        return self.client.get(f"/{self.language}/account/", **HOST)


PAGES = [name for name in vars(WaysTour) if not name.startswith("_")]


@pytest.fixture(autouse=True)
def short_sheets(settings: Any) -> None:
    settings.SSO_POLICY = {"recovery_codes": 2}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_turns_a_number_around(window: str, exchange: ExchangeSide, name: str) -> None:
    persian = getattr(WaysTour(exchange, "fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1


# One of each shape; the other pages differ from these in a sentence.
SHAPES = ["passkey_refused", "app_wrong", "app_new_browser", "recovery_wrong", "second"]
SHAPES += ["ways_full", "ways_reset_waiting", "add_passkey", "remove_last", "add_app_wrong"]
SHAPES += ["codes", "sms_missing", "reset_nobody", "reset_asked", "account_ways"]


@pytest.mark.browser
@pytest.mark.parametrize("name", SHAPES)
def test_every_page_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page], window: str, exchange: ExchangeSide, name: str
) -> None:
    page = sheet(getattr(WaysTour(exchange, "fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_english_too(window: str, exchange: ExchangeSide, name: str) -> None:
    english = getattr(WaysTour(exchange, "en"), name)().content.decode()
    main = english.partition("<main")[2].partition("</main>")[0]
    main = re.sub(r'<bdi>.*?</bdi>|value="[^"]*"', "", main)
    main = main.replace("مریم", "").replace("کریمی", "").replace("حسن", "")
    assert not re.findall("[\u0600-\u06ff]+", main)


SHOWING_ALL = ["passkey", "app", "recovery", "second", "account_ways", "ways_none", "add_passkey"]
SHOWING_ALL += ["rename", "remove", "add_app", "make_codes", "codes", "sms", "reset"]


def test_the_tour_sees_every_template(window: str, exchange: ExchangeSide) -> None:
    seen: set[str] = set()

    def note(template: Any, **_: object) -> None:
        seen.add(str(template.name))

    template_rendered.connect(note)
    try:
        for name in SHOWING_ALL:
            fresh(exchange)
            getattr(WaysTour(exchange, "fa"), name)()
    finally:
        template_rendered.disconnect(note)
    assert {f"sso_factors/{path.name}" for path in TEMPLATES.glob("*.html")} <= seen
