"""A site with the SDK and the sign-on, each on its own port: what people and attackers do there."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from exchange_side import Citizen, ExchangeSide
from live import LiveSso, Shop, look, register_shop, start_shop, start_sso
from people import citizen, registered

from panjereh.sandbox.walker import Page, Walker
from panjereh.sso.models import LogoutNotice, Release
from panjereh.sso.sessions.telling import tell_due

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def _sso_server() -> Iterator[LiveSso]:
    live = start_sso()
    yield live
    live.stop()


@pytest.fixture
def sso(_sso_server: LiveSso, settings: Any, exchange: ExchangeSide) -> LiveSso:
    settings.ISSUER = _sso_server.url
    return _sso_server


@pytest.fixture(scope="module")
def _shops(
    _sso_server: LiveSso, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Shop, Shop]]:
    folder = tmp_path_factory.mktemp("shops")
    names = ("bakery", "library")
    with ThreadPoolExecutor(2) as pool:
        shops = list(
            pool.map(lambda n: start_shop(n, _sso_server.url, _sso_server.inner, folder), names)
        )
    yield shops[0], shops[1]
    for shop in shops:
        shop.stop()


@pytest.fixture
def shops(_shops: tuple[Shop, Shop], sso: LiveSso, transactional_db: None) -> tuple[Shop, Shop]:
    for shop in _shops:
        register_shop(shop)
    return _shops


@pytest.fixture
def bakery(shops: tuple[Shop, Shop]) -> Shop:
    return shops[0]


@pytest.fixture
def mother(exchange: ExchangeSide, transactional_db: None) -> Citizen:
    mother = exchange.add(citizen())
    registered(mother)
    return mother


def log_in(walker: Walker, page: Page, mother: Citizen, exchange: ExchangeSide) -> Page:
    """From the page that asks for the national id to wherever that leads."""
    known = exchange.count_to(mother.mobile)
    page = walker.submit(page, {"national_id": mother.national_id})
    code = exchange.wait_for_sms(mother.mobile, after=known).code
    return walker.submit(page, {"code": code})


def told(page: Page) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(page.body)
    return facts


def open_anyway(walker: Walker, url: str) -> Page:
    """Follow redirects, whatever they end in."""
    page = look(walker, url)
    while page.status in (301, 302, 303):
        page = look(walker, _absolute(page.url, page.headers["location"]))
    return page


def _absolute(base: str, target: str) -> str:
    parts = urlsplit(base)
    return target if "://" in target else f"{parts.scheme}://{parts.netloc}{target}"


@pytest.mark.req("SSO-04", "SSO-15", "SSO-17")
def test_the_button_leads_through_the_sign_on_and_back_to_the_same_page(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    walker = Walker()
    page = walker.open(f"{bakery.url}/fa/")
    page = walker.click(page.expect("ورود از طریق دولت من"), "ورود از طریق دولت من")
    page = log_in(walker, page, mother, exchange)
    assert page.url == f"{bakery.url}/fa/"
    page.expect("کریمی")


def test_a_site_may_begin_with_a_registration(bakery: Shop) -> None:
    page = Walker().open(f"{bakery.url}/signin/login?register&next=/fa/mine/")
    assert urlsplit(page.url).path.startswith("/fa/register/")


@pytest.mark.req("SSO-27")
def test_without_sign_in_nothing_is_shown_and_the_try_is_logged(bakery: Shop) -> None:
    answer = look(Walker(), f"{bakery.url}/fa/mine/?of=0012345679")
    assert answer.status == 302
    assert b"{" not in answer.body
    lines = [line for line in bakery.log.read_text().splitlines() if "signin.required" in line]
    assert "view=mine" in lines[-1]
    assert "0012345679" not in lines[-1]


@pytest.mark.req("SSO-14", "WIN-03")
def test_the_second_site_asks_nothing(
    shops: tuple[Shop, Shop], mother: Citizen, exchange: ExchangeSide
) -> None:
    walker, (bakery, library) = Walker(), shops
    page = log_in(walker, walker.open(f"{bakery.url}/fa/mine/?a=1"), mother, exchange)
    assert page.url == f"{bakery.url}/fa/mine/?a=1"
    first = told(page)
    assert first["national_id"] == mother.national_id
    assert first["birth_date"] == mother.birth_date
    assert first["level"] == 1

    sent = len(exchange.messages)
    second = told(walker.open(f"{library.url}/fa/mine/"))
    assert len(exchange.messages) == sent
    assert second["national_id"] == mother.national_id
    assert second["sub"] != first["sub"], "two agencies cannot join what they know by our number"
    assert Release.objects.count() == 2


@pytest.mark.req("SSO-14")
def test_leaving_one_site_ends_all(
    shops: tuple[Shop, Shop], mother: Citizen, exchange: ExchangeSide
) -> None:
    walker, (bakery, library) = Walker(), shops
    log_in(walker, walker.open(f"{bakery.url}/fa/mine/"), mother, exchange)
    walker.open(f"{library.url}/fa/mine/")
    library_key = walker.cookies[urlsplit(library.url).netloc]["sessionid"]

    page = walker.open(f"{bakery.url}/signin/logout")
    form = page.tree.xpath("//main//form[@method='post']")[0]
    token = dict(form.form_values())["csrfmiddlewaretoken"]
    page = walker._follow(
        "POST", page.url, f"csrfmiddlewaretoken={token}".encode(), referer=page.url
    )
    assert page.url.startswith(f"{bakery.url}/signin/signed-out")
    page.expect("خارج شدید")

    assert LogoutNotice.objects.count() == 2
    assert tell_due() == 2
    assert set(LogoutNotice.objects.values_list("last_outcome", flat=True)) == {""}
    for url in (bakery.url, library.url):
        assert urlsplit(open_anyway(walker, f"{url}/fa/mine/").url).path.startswith("/fa/login/")
    thief = Walker()
    thief.cookies[urlsplit(library.url).netloc] = {"sessionid": library_key}
    assert "/signin/login" in look(thief, f"{library.url}/fa/mine/").headers["location"]


def test_several_tabs_may_sign_in_at_once(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    walker = Walker()
    tabs = [walker.open(f"{bakery.url}/fa/mine/?tab={n}") for n in range(3)]
    last = log_in(walker, tabs[2], mother, exchange)
    assert last.url.endswith("?tab=2")
    first = walker.open(tabs[0].url)
    assert first.url.endswith("?tab=0"), "the other tabs go on without asking"
    assert walker.open(tabs[1].url).url.endswith("?tab=1")


def test_the_session_key_of_the_site_changes_and_the_basket_stays(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    walker, host = Walker(), urlsplit(bakery.url).netloc
    walker.open(f"{bakery.url}/fa/basket/")
    before = walker.cookies[host]["sessionid"]
    facts = told(log_in(walker, walker.open(f"{bakery.url}/fa/mine/"), mother, exchange))
    assert facts["session"] == walker.cookies[host]["sessionid"] != before
    assert facts["basket"] == ["bread"]


def test_another_person_finds_nothing_of_the_first(
    bakery: Shop, sso: LiveSso, mother: Citizen, exchange: ExchangeSide
) -> None:
    father = exchange.add(citizen(2))
    registered(father)
    walker = Walker()
    walker.open(f"{bakery.url}/fa/basket/")
    log_in(walker, walker.open(f"{bakery.url}/fa/mine/"), mother, exchange)
    del walker.cookies[urlsplit(sso.url).netloc]
    page = walker.open(f"{bakery.url}/signin/login?next=/fa/mine/")
    facts = told(log_in(walker, page, father, exchange))
    assert (facts["national_id"], facts["basket"]) == (father.national_id, [])


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test/",
        "https://evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "/%09/evil.test",
        "///evil.test",
        "http:///evil.test",
        "/\tevil",
    ],
)
def test_no_address_elsewhere_is_ever_the_way_back(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide, target: str
) -> None:
    walker = Walker()
    page = walker.open(f"{bakery.url}/signin/login?next={quote(target)}")
    callback = look(walker, callback_address(walker, page, mother, exchange))
    host = urlsplit(_as_browsers_read(callback.headers["location"], bakery.url)).netloc
    assert host in ("", urlsplit(bakery.url).netloc)


def callback_address(walker: Walker, page: Page, mother: Citizen, exchange: ExchangeSide) -> str:
    """Sign in, up to the address that leads back to the site; it is not opened."""
    known = exchange.count_to(mother.mobile)
    page = walker.submit(page, {"national_id": mother.national_id})
    code = exchange.wait_for_sms(mother.mobile, after=known).code
    data = urlencode(dict(page.form("code").form_values()) | {"code": code})
    page = walker._send("POST", page.url, data.encode(), page.url)
    while "/signin/callback" not in page.headers["location"]:
        page = look(walker, _absolute(page.url, page.headers["location"]))
    return page.headers["location"]


def _as_browsers_read(target: str, base: str) -> str:
    """As a browser reads it: backslashes are slashes, tabs are nothing."""
    cleaned = re.sub(r"[\t\n\r]", "", target).replace("\\", "/")
    return cleaned if not cleaned.startswith("/") or cleaned.startswith("//") else base + cleaned


def test_a_form_sent_without_sign_in_is_not_dropped_silently(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    walker = Walker()
    page = walker.open(f"{bakery.url}/fa/")
    token = walker.cookies.get(urlsplit(bakery.url).netloc, {}).get("csrftoken")
    if token is None:
        walker.open(f"{bakery.url}/signin/logout")
        token = walker.cookies[urlsplit(bakery.url).netloc]["csrftoken"]
    page = walker._follow(
        "POST",
        f"{bakery.url}/fa/order/",
        f"csrfmiddlewaretoken={token}&what=bread".encode(),
        referer=f"{bakery.url}/fa/order/",
    )
    page = log_in(walker, page, mother, exchange)
    page.expect("فرم شما سر جای خود است")
    page = walker.press(page, page.main_form())
    assert (page.url, page.body) == (f"{bakery.url}/fa/order/", b"ordered bread")


def test_a_page_above_the_reachable_level_says_so(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    walker = Walker()
    log_in(walker, walker.open(f"{bakery.url}/fa/mine/"), mother, exchange)
    page = open_anyway(walker, f"{bakery.url}/fa/crypt/")
    assert page.status == 400
    page.expect("سطح اطمینان بالاتری")
    assert told(walker.open(f"{bakery.url}/fa/mine/"))["level"] == 1, "still signed in"


def begun(walker: Walker, bakery: Shop, mother: Citizen, exchange: ExchangeSide) -> str:
    """A right callback address that the browser has not opened yet."""
    page = walker.open(f"{bakery.url}/fa/mine/")
    return callback_address(walker, page, mother, exchange)


def test_a_callback_works_only_in_the_browser_that_asked(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    """Login CSRF: an attacker sends the victim a link with the attacker's own code."""
    address = begun(Walker(), bakery, mother, exchange)
    victim = Walker()
    page = look(victim, address)
    assert page.status == 400
    page.expect("شما وارد نشده‌اید", "ورود دوباره")
    assert "/signin/login" in look(victim, f"{bakery.url}/fa/mine/").headers["location"]


def test_an_answer_of_another_issuer_or_state_is_refused(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    """Mix-up (RFC 9207): the code goes nowhere."""
    for wrong in ("iss=https%3A%2F%2Fevil.test", ""):
        walker = Walker()
        address = re.sub(r"iss=[^&]+", wrong, begun(walker, bakery, mother, exchange))
        assert look(walker, address).status == 400
    walker = Walker()
    address = begun(walker, bakery, mother, exchange)
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert look(walker, address.replace(state, state[:16] + "x" * 27)).status == 400


def test_a_callback_is_good_once(bakery: Shop, mother: Citizen, exchange: ExchangeSide) -> None:
    walker = Walker()
    address = begun(walker, bakery, mother, exchange)
    assert walker.open(address).url == f"{bakery.url}/fa/mine/"
    assert walker.open(address).url.startswith(f"{bakery.url}/fa/"), "back button: no error page"
    other = Walker()
    other.cookies = {k: dict(v) for k, v in walker.cookies.items()}
    other.cookies[urlsplit(bakery.url).netloc].pop("sessionid")
    assert look(other, address).status == 400


def test_an_error_of_the_sign_on_is_a_page_with_a_way_on(
    bakery: Shop, exchange: ExchangeSide, sso: LiveSso
) -> None:
    walker = Walker()
    first = look(walker, f"{bakery.url}/signin/login?next=/fa/mine/")
    state = parse_qs(urlsplit(first.headers["location"]).query)["state"][0]
    back = f"{bakery.url}/signin/callback?error=access_denied&state={state}&iss={sso.url}"
    page = look(walker, back)
    assert page.status == 400
    assert "next=%2Ffa%2Fmine%2F" in page.link("ورود دوباره")


def test_when_the_sign_on_is_away_the_site_says_so_and_stays_open(
    _shops: tuple[Shop, Shop], tmp_path: Path, transactional_db: None
) -> None:
    shop = start_shop("kiosk", "http://sso.localhost:9", "http://127.0.0.1:9", tmp_path)
    try:
        walker = Walker()
        walker.open(f"{shop.url}/fa/").expect("Shop of")
        page = open_anyway(walker, f"{shop.url}/fa/mine/")
        assert page.status == 503
        page.expect("پاسخ نمی‌دهد", "ورود دوباره")
    finally:
        shop.stop()


def test_pages_between_site_and_sign_on_speak_the_readers_language(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    walker = Walker()
    page = walker.open(f"{bakery.url}/en/mine/")
    assert urlsplit(page.url).path.startswith("/en/login/")
    walker = Walker()
    page = look(walker, f"{bakery.url}/signin/callback?code=x&state=y")
    page.expect("شما وارد نشده‌اید")


def test_nothing_personal_stands_in_any_address(
    bakery: Shop, mother: Citizen, exchange: ExchangeSide
) -> None:
    visited: list[str] = []
    walker = Walker(visited=lambda method, url, status: visited.append(url))
    log_in(walker, walker.open(f"{bakery.url}/fa/mine/"), mother, exchange)
    code = exchange.messages[-1].code
    for secret in (mother.national_id, mother.mobile[3:], code, "access_token", "id_token"):
        assert not [url for url in visited if secret in url]
    assert mother.national_id not in bakery.log.read_text()
    assert mother.mobile[3:] not in bakery.log.read_text()
