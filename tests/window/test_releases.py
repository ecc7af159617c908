"""What the sign-on told sites about the person, read with the person's own token (SSO-09)."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as conf
from django.test import Client
from exchange import Exchange
from looking import looks
from nation import MOTHER, sign_in
from playwright.sync_api import Browser
from support.bidi import misplaced_runs
from support.browser import DESKTOP, assert_accessible, assert_reflows

from panjereh.sdk.signin.access import KEY
from panjereh.sdk.signin.issuer import _issuer
from panjereh.sdk.signin.person import Acting

pytestmark = pytest.mark.django_db

PAGE, TOKEN = "/fa/me/looks/releases/", "token-of-the-mother"


@dataclass
class SignOn:
    """Its ledger, as the window calls it."""

    url: str = ""
    status: int = 200
    answer: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


def line(number: int = 1, **more: Any) -> dict[str, Any]:
    name = {"fa": "سازمان مالیات", "en": "Tax"}
    usual = {
        "id": number,
        "at": "2026-11-22T08:00:00+00:00",
        "agency": {"code": "tax", "name": name},
        "site": {"code": "tax-site", "name": {"fa": "پنجرهٔ مالیات", "en": "Tax window"}},
        "claims": [{"code": "birth_date", "name": {"fa": "تاریخ تولد", "en": "Birth date"}}],
        "purpose": {"fa": "محاسبهٔ مالیات", "en": "Taxes"},
        "legal_basis": ["قانون مالیات، مادهٔ ۱"],
        "session": "s",
        "acted": "",
        "whom": "",
    }
    return usual | more


def told(*lines: dict[str, Any], older: int | None = None) -> dict[str, Any]:
    return {
        "lines": list(lines),
        "older": older,
        "agencies": [{"code": "tax", "name": {"fa": "سازمان مالیات", "en": "Tax"}}],
        "kept_since": "2025-10-18T00:00:00+00:00",
    }


@pytest.fixture
def sign_on(settings: Any) -> Iterator[SignOn]:
    found = SignOn(answer=told(line()))

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(parse_qs(urlsplit(self.path).query))
            found.tokens.append(self.headers["authorization"])
            body = json.dumps(found.answer).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    settings.SIGNIN = conf.SIGNIN | {"issuer": found.url, "inner_issuer": found.url}
    _issuer.cache_clear()
    yield found
    server.shutdown()
    server.server_close()
    _issuer.cache_clear()


def with_token(client: Client, *, seconds: float = 100) -> Client:
    session = client.session
    session[KEY] = {
        "token": TOKEN,
        "scopes": ["openid", "releases"],
        "until": time.time() + seconds,
    }
    session.save()
    return client


def read(client: Client, path: str = PAGE, status: int = 200, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


@pytest.mark.req("SSO-09", "PRV-02", "PRV-15")
def test_the_window_shows_who_was_told_what_when_what_for_and_by_which_law(
    mother: Client, sign_on: SignOn
) -> None:
    sign_on.answer = told(line(acted="other", whom="رضا کریمی"), older=1)
    page = read(with_token(mother))
    for words in ("سازمان مالیات", "پنجرهٔ مالیات", "تاریخ تولد", "محاسبهٔ مالیات", "قانون مالیات"):
        assert words in page
    assert "رضا کریمی به نمایندگی از شما" in page
    assert 'href="?before=1"' in page
    assert sign_on.tokens == [f"Bearer {TOKEN}"]


def test_agency_and_time_are_asked_of_the_sign_on(mother: Client, sign_on: SignOn) -> None:
    read(with_token(mother), agency="tax", period="week", before="77")
    (asked,) = sign_on.asked
    assert (asked["agency"], asked["before"], asked["most"]) == (["tax"], ["77"], ["20"])
    assert asked["since"][0].endswith("+03:30")


@pytest.mark.parametrize("seconds", [None, -1])
def test_without_a_token_the_browser_fetches_one_and_comes_back(
    mother: Client, sign_on: SignOn, seconds: float | None
) -> None:
    if seconds is not None:
        with_token(mother, seconds=seconds)
    answer = mother.get(PAGE, {"agency": "tax"})
    assert answer["Location"] == (
        "/signin/access?next=%2Ffa%2Fme%2Flooks%2Freleases%2F%3Fagency%3Dtax&scope=releases"
    )
    assert sign_on.asked == []


def test_a_token_that_is_refused_is_dropped_and_fetched_anew(
    mother: Client, sign_on: SignOn
) -> None:
    sign_on.status, sign_on.answer = 401, {"error": "invalid_token"}
    assert "/signin/access" in with_token(mother).get(PAGE)["Location"]
    assert KEY not in mother.session


def test_a_sign_on_that_is_away_is_told_in_words(mother: Client, sign_on: SignOn) -> None:
    sign_on.status = 503
    assert "درگاه ورود" in read(with_token(mother), status=503)


def test_it_is_the_person_s_own_page(sign_on: SignOn, mother: Client) -> None:
    assert "/signin/login" in Client().get(PAGE)["Location"]
    assert "no-store" in with_token(mother).get(PAGE).headers["Cache-Control"]


@pytest.mark.parametrize(("kind", "status"), [("helper", 403), ("guardian", 200)])
def test_who_acts_for_another_reads_nobody_s_lines(
    client: Client, sign_on: SignOn, kind: str, status: int
) -> None:
    agent = Acting(sub="agent", kind=kind, services=["*"], national_id="0013542419")
    sign_in(client, replace(MOTHER, acting=agent))
    assert "محاسبهٔ مالیات" not in read(with_token(client), status=status)
    assert sign_on.asked == []


def test_beside_the_looks_stand_the_newest_when_a_token_is_there(
    mother: Client, sign_on: SignOn, exchange: Exchange
) -> None:
    exchange.answer("exchange-records/looks", looks())
    without = read(mother, "/fa/me/looks/")
    assert PAGE in without
    assert "پنجرهٔ مالیات" not in without
    assert sign_on.asked == [], "the page of looks fetches no token by itself"
    assert "پنجرهٔ مالیات" in read(with_token(mother), "/fa/me/looks/")
    sign_on.status = 500
    assert PAGE in read(mother, "/fa/me/looks/"), "the looks are there without it"


@pytest.mark.parametrize("scope", ["openid", "national_id", ""])
def test_no_other_scope_is_fetched_and_nobody_is_led_elsewhere(
    mother: Client, sign_on: SignOn, scope: str
) -> None:
    answer = mother.get("/signin/access", {"next": "//evil.test/", "scope": scope})
    assert answer["Location"] == "/"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_page_is_accessible_and_narrow(
    browser: Browser, site: str, sign_on: SignOn, language: str
) -> None:
    sign_on.answer = told(line(acted="self", whom="رضا کریمی"), line(2), older=1)
    client = with_token(sign_in(Client(), MOTHER))
    context = browser.new_context(viewport=DESKTOP, java_script_enabled=True)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}
    context.add_cookies([cookie])  # type: ignore[list-item]
    try:
        page = context.new_page()
        page.goto(f"{site}/{language}/me/looks/releases/")
        assert page.locator("main li.app-card").count() == 2
        assert misplaced_runs(page.content()) == [] or language == "en"
        assert_accessible(page)
        assert_reflows(page)
    finally:
        context.close()
