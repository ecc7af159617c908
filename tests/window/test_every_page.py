"""Promises that hold for each page of the window: found by axe, by a ruler, by scales, by bidi."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.signals import template_rendered
from exchange import Exchange
from looking import LOOK, group, looks, question, summary
from nation import (
    MOTHER,
    SERVICE,
    TRACKING,
    card_approved,
    deliver,
    letter,
    notice,
    rated,
    relative,
    sign_in,
    step,
    unread,
)
from playwright.sync_api import Browser, Page, expect
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_light, assert_reflows

from panjereh.sandbox.seed import window as seed

TEMPLATES = Path(__file__).parents[2] / "src/panjereh/window/templates/window"
PUBLIC = {
    "home": "",
    "search": "search/?q=شناسنامه بچه",
    "nothing found": "search/?q=زعفران",
    "services": "services/",
    "service": f"services/{SERVICE}/",
    "not electronic": "services/other.in-person/",
    "category": "categories/identity/",
    "life event": "life-events/marriage/",
    "agencies": "agencies/",
    "ministry": "agencies/interior/",
    "agency": "agencies/civil-registry/",
    "accessibility": "accessibility/",
    "not found": "nowhere/",
}
OWN = {
    "own page": "me/",
    "family": "me/family/",
    "choices": "me/choices/",
    "requests": "requests/",
    "request": f"requests/{TRACKING}/",
    "running request": "requests/14050902-8B4N-5RT7/",
    "e-box": "ebox/",
    "letter": "ebox/5b1d/",
    "looks": "me/looks/",
    "looks by kind": "me/looks/data/",
    "asking why": f"me/looks/{LOOK}/why/",
    "not now": "documents/away/",
}
# Looked at by test_releases.py, which has a sign-on to ask.
OF_RELEASES = {f"window/release{part}.html" for part in ("", "s", "s_of_another")}
PAINTED_AND_LOADED = """() => new Promise(done => new PerformanceObserver(list => {
  const loaded = performance.getEntriesByType('navigation')[0].loadEventStart;
  const first = list.getEntries().find(e => e.name === 'first-contentful-paint');
  if (first) done([first.startTime, loaded]);
}).observe({type: 'paint', buffered: true}))"""


@pytest.fixture
def furnished(exchange: Exchange, db: None) -> Exchange:
    """A window with something on every page."""
    seed.seed(10)
    reason = {"fa": "باید انگشت‌نگاری شود.", "en": "Fingerprints are taken."}
    deliver(
        card_approved(),
        card_approved(id="other.in-person", delivery_link=None, not_electronic_reason=reason),
        rated(4.5, 12),
        step("received"),
        step("in-progress", minutes=1),
        step("delivered", minutes=3),
        step("received", tracking_id="14050902-8B4N-5RT7"),
        step("waiting", minutes=2, tracking_id="14050902-8B4N-5RT7"),
        unread(2),
    )
    notices = [notice("n-1", days_ago=5), notice("n-2", days_ago=40), notice("n-3", days_ago=3)]
    exchange.answer("health-registry/birth-notices", {"notices": notices})
    exchange.answer("messaging/mailbox", {"unread": 1, "letters": [letter(), letter(read_at=None)]})
    exchange.answer("messaging/open-letter", letter())
    exchange.fail("documents/file")
    family = {
        "spouse": relative("رضا"),
        "parents": [relative("علی")],
        "children": [relative("نازنین")],
    }
    exchange.answer("civil-registry/family", family)
    others = [group(case="", acted=by) for by in ("another", "nobody")]
    exchange.answer(
        "exchange-records/looks", looks(group(question=question()), *others, own_calls=3)
    )
    exchange.answer("exchange-records/summary", summary())
    exchange.answer("exchange-records/look", {"group": group()})
    return exchange


def signed_in_page(browser: Browser, site: str) -> Page:
    client = sign_in(Client(), MOTHER)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
    )
    return context.new_page()


@pytest.fixture
def page(browser: Browser, site: str, furnished: Exchange) -> Iterator[Page]:
    page = signed_in_page(browser, site)
    yield page
    page.context.close()


@pytest.mark.browser
@pytest.mark.req("AGW-20", "AGW-16", "WIN-05", "WIN-27", "PER-04", "PER-16")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    page: Page, site: str, language: str
) -> None:
    for path in (PUBLIC | OWN).values():
        page.goto(f"{site}/{language}/{path}")
        assert_accessible(page)
        assert_reflows(page)


@pytest.mark.browser
@pytest.mark.req("AGW-20")
def test_large_text_and_high_contrast_are_accessible_too(page: Page, site: str) -> None:
    page.goto(f"{site}/fa/?text=large&contrast=high")
    for name in ("home", "service"):
        page.goto(f"{site}/fa/{PUBLIC[name]}")
        assert "app-high-contrast" in (page.get_attribute("html", "class") or "")
        assert_accessible(page)
        assert_reflows(page)
    page.goto(f"{site}/fa/{OWN['request']}")
    assert_accessible(page)
    assert_reflows(page)


@pytest.mark.browser
@pytest.mark.req("AGW-13", "PER-16")
def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(page: Page, site: str) -> None:
    page.goto(f"{site}/fa/{OWN['request']}")
    with page.expect_navigation():
        page.get_by_role("button", name="فرستادن امتیاز").click()
    assert page.title().startswith("خطا:")
    expect(page.locator("#error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#id_stars_0"
    assert_accessible(page)
    assert_reflows(page)


@pytest.mark.browser
@pytest.mark.req("PER-01")
@pytest.mark.parametrize("name", ["home", "service", "agencies", "own page", "request"])
def test_a_first_view_is_light(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/fa/{(PUBLIC | OWN)[name]}")
    assert_light(page)


@pytest.mark.browser
@pytest.mark.req("PER-01")
def test_the_first_page_is_painted_in_time_on_slow_3g(
    browser: Browser, site: str, furnished: Exchange
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    slow = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    wire.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    page.goto(f"{site}/fa/", wait_until="load")
    painted, loaded = page.evaluate(PAINTED_AND_LOADED)
    context.close()
    assert painted < 2000, f"first paint after {painted:.0f} ms"
    assert loaded < 3000, f"loaded after {loaded:.0f} ms"


@pytest.mark.browser
def test_the_whole_of_a_rating_works_without_scripts(
    browser: Browser, site: str, furnished: Exchange
) -> None:
    furnished.answer("feedback/rate", {})
    client = sign_in(Client(), MOTHER)
    context = browser.new_context(java_script_enabled=False)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"{site}/fa/{OWN['request']}")
    page.get_by_label("۵ - خیلی خوب").check()
    with page.expect_navigation():
        page.get_by_role("button", name="فرستادن امتیاز").click()
    assert "شما به این خدمت ۵ از ۵ دادید" in page.inner_text("main")
    context.close()


@pytest.mark.req("PER-08")
def test_no_page_prints_a_number_or_a_name_reversed(client: Client, furnished: Exchange) -> None:
    sign_in(client, MOTHER)
    wrong = []
    for name, path in (PUBLIC | OWN).items():
        body = client.get(f"/fa/{path}").content.decode()
        wrong += [f"{name}: {run}" for run in misplaced_runs(body)]
    assert not wrong, "\n".join(wrong)


def test_every_template_of_the_window_is_rendered_by_the_pages_above(
    client: Client, furnished: Exchange
) -> None:
    rendered: set[str] = set()

    def note(template: Any, **_: Any) -> None:
        if template.name:
            rendered.add(template.name)

    template_rendered.connect(note)
    sign_in(client, MOTHER)
    for path in (PUBLIC | OWN).values():
        client.get(f"/fa/{path}")
    template_rendered.disconnect(note)
    all_of_them = {f"window/{t.name}" for t in TEMPLATES.iterdir()}
    assert all_of_them - rendered == OF_RELEASES


def test_links_of_the_pages_lead_somewhere(client: Client, furnished: Exchange) -> None:
    """No page of the window links to one that does not exist."""
    sign_in(client, MOTHER)
    links: set[str] = set()
    for path in (PUBLIC | OWN).values():
        body = client.get(f"/fa/{path}").content.decode()
        links |= set(re.findall(r'href="(/(?:fa|en)/[^"#]*)"', body))
    furnished.answer("documents/file", {"document_id": "d", "name": "n", "pdf_base64": ""})
    dead = [link for link in sorted(links) if client.get(link).status_code >= 400]
    assert [link for link in dead if "/nowhere/" not in link and "/away/" not in link] == []
