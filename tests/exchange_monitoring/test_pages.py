"""The pages: whose traffic each tells to whom, and that everybody can read them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from parties import CONSUMER, OPERATOR, PROVIDER, STRANGER, Parties, signed_in
from playwright.sync_api import Browser, Page
from support.bidi import misplaced_runs
from support.browser import assert_accessible, assert_light, assert_reflows
from traffic import TIMEOUT, Books, a_day, failed, record

from panjereh.common import clock
from panjereh.exchange.monitoring.alerts.actions import evaluate
from panjereh.exchange.monitoring.alerts.signals import Moment
from panjereh.exchange.monitoring.open_data.actions import publish_month_before
from panjereh.exchange.monitoring.periods import RANGES
from panjereh.ui.jalali import to_jalali


@pytest.fixture
def calls(books: Books, nation: Parties) -> None:
    """A day between the window and the registry, one call of the third member's service, alerts."""
    known = {"consumer": nation.window.x_road_id, "provider": nation.registry.x_road_id}
    foreign = {"consumer": nation.foreign.x_road_id, "provider": nation.foreign.x_road_id}
    books.keep(a_day(clock.now(), **known, grant_id=nation.grant.pk))
    books.keep([record(clock.now(), **foreign, service="balance")])
    books.keep([failed("provider", TIMEOUT, service="family", **known) for _ in range(30)])
    for minute in range(3):
        evaluate(Moment(clock.now() + timedelta(minutes=minute)))
    publish_month_before(clock.now())


def pages(nation: Parties) -> dict[str, str]:
    return {
        "overview": "monitoring/",
        "service": f"monitoring/services/{nation.person.pk}/",
        "own, provider": "own-traffic/",
        "own service": f"own-traffic/services/{nation.person.pk}/",
        "own, consumer": "own-traffic/",
        "status": "status/",
        "alerts": "monitoring/alerts/",
        "own alerts": "own-traffic/alerts/",
        "reports": "monitoring/reports/",
        "report": f"monitoring/reports/{nation.registry.member.pk}/{THIS_MONTH}/",
        "own report": f"own-traffic/reports/{THIS_MONTH}/",
        "year": f"monitoring/years/{THIS_MONTH[:4]}/",
        "open data": "open-data/",
    }


READER = {
    "overview": OPERATOR,
    "service": OPERATOR,
    "own, provider": PROVIDER,
    "own service": PROVIDER,
    "own, consumer": CONSUMER,
    "status": "",
    "alerts": OPERATOR,
    "own alerts": PROVIDER,
    "reports": OPERATOR,
    "report": OPERATOR,
    "own report": PROVIDER,
    "year": OPERATOR,
    "open data": "",
}
SAME_TEMPLATE = {"own service", "own alerts", "own report"}
TODAY = to_jalali(clock.now().date())
THIS_MONTH = f"{TODAY[0]}-{TODAY[1]:02}"


@pytest.mark.req("NIX-24")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_opens_for_whom_it_is_made(
    client: Client, nation: Parties, calls: None, language: str
) -> None:
    for name, path in pages(nation).items():
        reader = signed_in(client, READER[name]) if READER[name] else Client()
        assert reader.get(f"/{language}/{path}").status_code == 200, name


@pytest.mark.req("NIX-24")
def test_every_time_can_be_asked_for(client: Client, nation: Parties, calls: None) -> None:
    for range_ in RANGES:
        for name in ("overview", "service", "own, provider"):
            reader = signed_in(client, READER[name])
            page = f"/en/{pages(nation)[name]}?range={range_}"
            assert reader.get(page).status_code == 200, range_


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("national_id", [STRANGER, PROVIDER, CONSUMER])
def test_the_operators_pages_are_closed_to_all_others(
    client: Client, nation: Parties, national_id: str
) -> None:
    for path in ("monitoring/", f"monitoring/services/{nation.person.pk}/"):
        assert Client().get(f"/fa/{path}").status_code == 302
        assert signed_in(client, national_id).get(f"/fa/{path}").status_code == 403


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("national_id", [STRANGER, OPERATOR])
def test_a_members_page_is_closed_to_those_who_are_not_of_a_member(
    client: Client, nation: Parties, national_id: str
) -> None:
    for path in ("own-traffic/", f"own-traffic/services/{nation.person.pk}/"):
        assert Client().get(f"/fa/{path}").status_code == 302
        assert signed_in(client, national_id).get(f"/fa/{path}").status_code == 403


@pytest.mark.req("NIX-25", "PRV-01")
def test_a_member_sees_its_own_traffic_and_nothing_of_others(
    client: Client, nation: Parties, calls: None
) -> None:
    provider = signed_in(client, PROVIDER).get("/en/own-traffic/").content.decode()
    consumer = signed_in(client, CONSUMER).get("/en/own-traffic/").content.decode()

    assert "Inquiry of a person" in provider
    assert "National window" in provider
    assert "Inquiry of a person" in consumer
    assert "You offer no service." in consumer
    for body in (provider, consumer):
        assert "Balance of an account" not in body
        assert "Banking system" not in body


@pytest.mark.req("NIX-25", "PRV-01")
def test_anothers_service_is_not_there_for_a_member(
    client: Client, nation: Parties, calls: None
) -> None:
    page = f"/en/own-traffic/services/{nation.person.pk}/"

    assert signed_in(client, CONSUMER).get(page).status_code == 404
    assert signed_in(client, PROVIDER).get(page).status_code == 200


@pytest.mark.req("NIX-24")
def test_a_page_tells_rates_causes_quantiles_and_the_use_of_quotas(
    client: Client, nation: Parties, calls: None
) -> None:
    body = signed_in(client, CONSUMER).get("/en/own-traffic/?range=week").content.decode()

    for words in ("The provider took too long", "No grant allows it", "of 100", "of 1,000"):
        assert words in body
    assert "86.2%" in body  # 300 of 348


@pytest.mark.req("NIX-24")
def test_an_unknown_time_is_no_page(client: Client, nation: Parties) -> None:
    assert signed_in(client, OPERATOR).get("/fa/monitoring/?range=century").status_code == 404


@pytest.mark.req("PER-08")
def test_no_page_prints_a_number_or_a_name_reversed(
    client: Client, nation: Parties, calls: None
) -> None:
    for name, path in pages(nation).items():
        body = signed_in(client, READER[name] or STRANGER).get(f"/fa/{path}").content.decode()
        assert misplaced_runs(body) == [], name


@pytest.mark.browser
@pytest.mark.req("AGW-20", "PER-16")
@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_can_be_read_by_all(
    browser: Browser, site: str, client: Client, nation: Parties, calls: None, language: str
) -> None:
    for name, path in pages(nation).items():
        if name in SAME_TEMPLATE:
            continue
        page = _opened(browser, client, site, READER[name])
        page.goto(f"{site}/{language}/{path}")
        assert_accessible(page)
        assert_reflows(page)
        if name == "overview":
            assert_light(page)
        page.context.close()


def _opened(browser: Browser, client: Client, site: str, national_id: str) -> Page:
    context: Any = browser.new_context(java_script_enabled=True)
    if national_id:
        session = signed_in(client, national_id).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page: Page = context.new_page()
    return page
