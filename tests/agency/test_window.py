"""The window of the agency itself: its host, its services, and what every page keeps to."""

from collections.abc import Callable

import pytest
from django.test import Client
from people import CLERK, HOST, MOTHER, SERVICE, notice
from playing_exchange import PlayingExchange
from support.bidi import misplaced_runs
from walking import APPLY, fill_in, page_url, submit
from working import work_off

from panjereh.agency.models import Agency, ServiceVersion, StaffMember

pytestmark = pytest.mark.django_db


def visitor() -> Client:
    return Client(headers={"host": HOST})


@pytest.mark.req("AGW-01", "AGW-34")
def test_the_host_says_which_agency_it_is(agency: Agency) -> None:
    page = visitor().get("/fa/").content.decode()
    assert agency.name_fa in page
    assert Client(headers={"host": "nobody.agency.localhost:8102"}).get("/fa/").status_code == 404
    assert Client(headers={"host": "agency.localhost:8102"}).get("/fa/").status_code == 404
    brand = visitor().get("/brand.css")
    assert brand["Content-Type"] == "text/css"
    assert agency.colour in brand.content.decode()


def test_health_needs_no_agency(db: None) -> None:
    answer = Client(headers={"host": "127.0.0.1:8102"}).get("/health")
    assert answer.json() | {"version": ""} == {"status": "ok", "version": "", "floor": "agency"}


@pytest.mark.req("AGW-09")
@pytest.mark.parametrize("words", ["گرفتن شناسنامه بچه", "شناسنامه كودك", "ثبت تولد", "newborn"])
def test_the_search_of_the_window_knows_everyday_words(newborn: ServiceVersion, words: str) -> None:
    page = visitor().get("/fa/", {"q": words}).content.decode()
    assert f"/fa/services/{SERVICE}/" in page


def test_a_search_without_a_find_says_what_to_do(newborn: ServiceVersion) -> None:
    page = visitor().get("/fa/", {"q": "گذرنامه"}).content.decode()
    assert SERVICE not in page
    assert "واژه‌های کمتر" in page


@pytest.mark.req("AGW-24", "AGW-27")
def test_the_page_of_a_service_explains_it(newborn: ServiceVersion) -> None:
    page = visitor().get(f"/fa/services/{SERVICE}/").content.decode()
    for told in ("چند دقیقه", "آنچه از شما می‌پرسیم", "کد پستی", "قانون ثبت احوال", "رایگان"):
        assert told in page
    assert visitor().get("/fa/services/no-such/").status_code == 404


@pytest.mark.req("AGW-38")
def test_the_keeper_of_data_is_named_with_the_way_to_correct_them(agency: Agency) -> None:
    page = visitor().get("/fa/sources/health-registry/").content.decode()
    assert "وزارت بهداشت" in page
    assert "بیمارستان" in page
    assert visitor().get("/fa/sources/nobody/").status_code == 404


@pytest.mark.req("AGW-19")
def test_every_page_in_both_languages_reads_in_the_right_order(
    mother: Client,
    exchange: PlayingExchange,
    clerk: StaffMember,
    browser_of: Callable[..., Client],
) -> None:
    fill_in(mother, right=False)
    pages = ["birth", "parents", "name", "address", "address-confirm", "hold", "review"]
    addresses = [page_url(page) for page in pages]
    looked = [mother.get(address).content.decode() for address in addresses]
    looked += [mother.get(a.replace("/fa/", "/en/")).content.decode() for a in addresses]
    case = submit(mother)
    work_off()
    for address in ("/fa/", f"/fa/services/{SERVICE}/", "/fa/requests/"):
        looked.append(mother.get(address).content.decode())
    looked.append(mother.get(f"/fa/requests/{case.tracking_id}/").content.decode())
    desk = browser_of(CLERK)
    looked.append(desk.get("/fa/staff/").content.decode())
    looked.append(desk.get(f"/fa/staff/{case.tracking_id}/").content.decode())
    for page in looked:
        assert "<h1" in page
        assert misplaced_runs(page) == []
        assert len(page) < 100_000


def test_no_address_carries_a_person(mother: Client) -> None:
    fill_in(mother)
    case = submit(mother)
    assert MOTHER.national_id not in case.tracking_id
    page = mother.get(f"/fa/requests/{case.tracking_id}/").content.decode()
    for private in (MOTHER.national_id, MOTHER.mobile.removeprefix("+98")):
        assert f"/{private}" not in page
        assert f"={private}" not in page


def test_deeds_are_done_by_post_only(mother: Client, clerk: StaffMember) -> None:
    fill_in(mother)
    case = submit(mother)
    assert mother.get(f"/fa/services/{SERVICE}/apply/withdraw/").status_code == 405
    assert mother.get(f"/fa/staff/{case.tracking_id}/retry/").status_code == 405
    assert mother.post(APPLY).status_code == 405


def test_a_page_never_comes_out_of_a_shared_cache(mother: Client) -> None:
    mother.get(APPLY)
    assert "no-store" in mother.get(page_url("birth"))["Cache-Control"]


def test_markup_in_a_registry_is_text_on_the_page(
    mother: Client, exchange: PlayingExchange
) -> None:
    exchange.notices = [{**notice(), "hospital": "<script>alert(1)</script>"}]
    mother.get(APPLY)
    page = mother.get(page_url("birth")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


OPEN = {"home", "source", "service", "brand", "health"}
NAMES = {"service_id": SERVICE, "tracking_id": "X", "page_id": "name", "system": "postal-registry"}
NAMES |= {"hold_id": "1", "name": "signed.json"}


def test_every_page_that_is_not_open_to_all_asks_for_a_sign_in(newborn: ServiceVersion) -> None:
    from django.urls import get_resolver

    seen = set()
    for pattern in get_resolver().url_patterns[-1].url_patterns:
        seen.add(pattern.name)
        arguments = {name: NAMES[name] for name in pattern.pattern.converters}
        address = f"/fa/{pattern.pattern._route}"
        for name, value in arguments.items():
            for kind in ("str", "slug", "int"):
                address = address.replace(f"<{kind}:{name}>", value)
        response = visitor().get(address)
        if pattern.name in OPEN:
            assert response.status_code == 200, address
        elif response.status_code != 405:
            assert response.status_code in {301, 302}, address
            assert pattern.name == "me" or response.url.startswith("/signin/login"), address
    assert {"apply", "request", "staff", "staff-case"} <= seen


def test_a_service_that_asks_for_more_assurance_sends_to_the_sign_on(
    newborn: ServiceVersion, mother: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from panjereh.agency.packages.queries import package_of
    from panjereh.agency.pages import apply

    package = package_of(newborn)
    surer = replace(package, form=replace(package.form, assurance_level=2))
    monkeypatch.setattr(apply, "package_of", lambda version: surer)
    assert "level=2" in mother.get(APPLY).url
