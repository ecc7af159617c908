"""The pages of one's own safety, in both languages, in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from exchange_side import ExchangeSide
from people import HOST
from playwright.sync_api import Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_reflows
from test_every_page import Tour, chromium, sheet
from test_factors_counter import officer

from panjereh.sso.models import Person
from panjereh.sso.people.actions import attain
from panjereh.sso.safety.models import MisuseReport
from panjereh.sso.safety.numbers import suspend_number
from panjereh.sso.sessions.actions import Arrival, begin_session

__all__ = ["chromium", "sheet"]

pytestmark = pytest.mark.django_db

NEW = "+989351112233"


class SafetyTour(Tour):
    """Leads a browser to each page there is. Each method ends on the page of its name."""

    def see(self, page: str) -> Any:
        return self.client.get(f"/{self.language}/account/{page}", **HOST)

    def send(self, page: str, **typed: str) -> Any:
        return self.client.post(f"/{self.language}/account/{page}/", typed, **HOST)

    def account_with_news(self) -> Any:
        self._inside()
        person = Person.objects.get()
        for browser in "cdefgh":
            arrival = Arrival(way="sms", browser_sha256=browser * 64, browser="Firefox, Linux")
            begin_session(person, arrival)
        self._changed()
        return self.see("")

    def account_without_number(self) -> Any:
        self._inside()
        person = Person.objects.get()
        key = self.client.cookies["sso"]
        suspend_number(person.id, mobile=person.mobile, reason="lost")
        person.sessions.update(ended_at=None)  # as somebody who came in by a passkey
        self.client.cookies["sso"] = key
        return self.see("")

    def all_notices(self) -> Any:
        self.account_with_news()
        return self.see("notices/")

    def no_notices(self) -> Any:
        self._inside()
        return self.see("notices/")

    def not_me(self) -> Any:
        self._inside()
        return self.see("not-me/")

    def reported(self) -> Any:
        self._inside()
        return self.send("not-me")

    def number_ask(self) -> Any:
        self._inside()
        return self.see("number/")

    def number_not_own(self) -> Any:
        self._inside()
        return self.send("number", mobile="09130000000")

    def number_code(self) -> Any:
        self._inside()
        return self.client.get(self._asked(), **HOST)

    def number_code_wrong(self) -> Any:
        self._inside()
        place = self._asked()
        for _ in range(3):
            answer = self.client.post(place, {"code": "000000"}, **HOST)
        return answer

    def number_waits(self) -> Any:
        self._inside()
        return self._changed()

    def number_changed(self) -> Any:
        self._inside()
        person = Person.objects.get()
        suspend_number(person.id, mobile=person.mobile, reason="lost")
        person.sessions.update(ended_at=None)
        return self._changed()

    def number_not_sure(self) -> Any:
        self._inside()
        attain(Person.objects.get().id, 2, "face")
        return self.send("number", mobile="09351112233")

    def close(self) -> Any:
        self._inside()
        return self.see("close/")

    def closed(self) -> Any:
        self._inside()
        return self.send("close")

    def registered_with_another_number(self) -> Any:
        walk = self._known()
        Person.objects.update(mobile="+989150000000")
        return walk.get("register/confirm")

    def registered_with_a_lost_number(self) -> Any:
        walk = self._known()
        suspend_number(Person.objects.get().id, mobile=self.mother.mobile, reason="lost")
        return walk.get("register/confirm")

    def registered_and_closed_by_the_registry(self) -> Any:
        walk = self._known()
        Person.objects.update(closed_at="2026-01-01T00:00:00Z")
        return walk.post("register/confirm")

    def registry_away(self) -> Any:
        self._inside()
        self.client.cookies.clear()
        self.exchange.away.add("shahkar")
        walk = self.walk()
        walk.post("login", national_id=self.mother.national_id)
        self.exchange.away.clear()
        return walk.get("login/code")

    def support_desk(self) -> Any:
        self.reported()
        desk, _ = officer("support")
        return desk.get(f"/{self.language}/staff/reports/", **HOST)

    def support_report(self) -> Any:
        self.reported()
        desk, _ = officer("support")
        report = MisuseReport.objects.get()
        return desk.get(f"/{self.language}/staff/reports/{report.id}/", **HOST)

    def _known(self) -> Any:
        walk = self._confirmed()
        walk_client, self.client = self.client, type(self.client)()
        self._inside()
        self.client = walk_client
        return walk

    def _asked(self) -> str:
        self.exchange.second_numbers.add((self.mother.national_id, NEW))
        return str(self.send("number", mobile="09351112233")["Location"])

    def _changed(self) -> Any:
        place = self._asked()
        return self.client.post(place, {"code": self.exchange.wait_for_sms(NEW).code}, **HOST)


PAGES = [name for name in vars(SafetyTour) if name[0] != "_" and name not in {"see", "send"}]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_turns_a_number_around_or_forgets_a_translation(
    window: str, exchange: ExchangeSide, name: str
) -> None:
    persian = getattr(SafetyTour(exchange, "fa"), name)().content.decode()
    assert misplaced_runs(persian) == []
    assert '<html lang="fa" dir="rtl"' in persian
    assert persian.count("<h1") == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_in_english_too(window: str, exchange: ExchangeSide, name: str) -> None:
    english = getattr(SafetyTour(exchange, "en"), name)().content.decode()
    main = re.sub(r"<bdi>.*?</bdi>", "", english.partition("<main")[2].partition("</main>")[0])
    main = main.replace("مریم", "").replace("کریمی", "").replace("حسن", "")
    assert not re.findall("[\u0600-\u06ff]+", main)


# One of each shape: the browser takes a second for each.
SHAPES = ["account_with_news", "account_without_number", "not_me", "reported", "number_ask"]
SHAPES += [
    "support_desk",
    "support_report",
    "number_not_own",
    "number_not_sure",
    "number_waits",
    "close",
    "registry_away",
]


@pytest.mark.browser
@pytest.mark.parametrize("name", SHAPES)
def test_every_page_is_accessible_and_narrow(
    sheet: Callable[[bytes], Page],
    window: str,
    exchange: ExchangeSide,
    name: str,
) -> None:
    page = sheet(getattr(SafetyTour(exchange, "fa"), name)().content)
    assert_accessible(page)
    assert_reflows(page)
