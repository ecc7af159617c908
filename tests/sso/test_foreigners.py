"""Foreign residents register and sign in with their FIDA code (SSO-21), on the same pages."""

import re
from typing import Any

import pytest
from conftest import Clock
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from exchange_side import ExchangeSide, Foreigner
from people import (
    HOST,
    Walk,
    authorize,
    begin,
    citizen,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.common import clock as time
from panjereh.sdk.feeds.following.models import Customer
from panjereh.sso.models import AttainedLevel, Person, Release
from panjereh.sso.people.models import ForeignResident
from panjereh.sso.people.queries import every_national_id
from panjereh.sso.safety.closing import purge_due

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSO-21")]

BORN_TYPED = {"birth_date_0": "۹", "birth_date_1": "10", "birth_date_2": "1991"}


def foreigner(number: int = 1, **facts: str) -> Foreigner:
    return Foreigner(f"9{number:011}", "1991-10-09", f"+98919{number:07}", **facts)


def shown(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def answer_all(walk: Walk, of: Foreigner, **born: str) -> str:
    walk.post("register/national-id", national_id=of.fida_code)
    walk.post("register/birth-date", **(BORN_TYPED | born))
    told = walk.post("register/mobile", mobile="0" + of.mobile.removeprefix("+98"))
    return str(told["Location"])


def registered_foreigner(walk: Walk, of: Foreigner) -> Person:
    answer_all(walk, of)
    walk.post("register/code", code=walk.code_sent_to(of.mobile))
    walk.post("register/confirm")
    return Person.objects.get(national_id=of.fida_code)


def test_a_foreigner_registers_with_the_fida_code_in_the_same_field(
    registration: Walk, exchange: ExchangeSide
) -> None:
    worker = exchange.add_foreigner(foreigner())
    registration.post("register/national-id", national_id="۹۰۰۰ ۰۰۰۰ ۰۰۰۱")
    assert "اکتبر" in shown(registration.get("register/birth-date")), "as in the passport"
    assert answer_all(registration, worker) == registration.at("register/code")

    registration.post("register/code", code=registration.code_sent_to(worker.mobile))
    page = shown(registration.get("register/confirm"))
    for fact in ("نجیب‌الله", "Najibullah Noorzai", "AFG", "کد فیدا"):
        assert fact in page
    assert not Person.objects.exists(), "nothing is active before the yes"

    response = registration.post("register/confirm")
    assert response["Location"] == registration.at("continue")
    person = Person.objects.get()
    assert (person.kind, person.national_id) == ("fida", worker.fida_code)
    assert AttainedLevel.objects.get().proof == "foreigners-registry+shahkar"
    resident = ForeignResident.objects.get()
    assert (resident.latin_family_name, resident.nationality) == ("Noorzai", "AFG")
    assert "کد فیدا" in shown(registration.client.get("/fa/account/", **HOST))
    asked = [system for system, _ in exchange.calls]
    assert "civil-registry" not in asked, "the civil registry does not know foreigners"


def test_a_foreigner_signs_in_with_the_fida_code(
    registration: Walk, exchange: ExchangeSide
) -> None:
    worker = exchange.add_foreigner(foreigner())
    registered_foreigner(registration, worker)
    walk = begin(Client(), exchange)
    walk.post("login", national_id=worker.fida_code)
    response = walk.post("login/code", code=walk.code_sent_to(worker.mobile, after=1))
    assert response["Location"] == walk.at("continue")


@pytest.mark.req("WIN-02")
def test_a_second_registration_with_the_same_code_is_led_to_login(
    registration: Walk, exchange: ExchangeSide
) -> None:
    worker = exchange.add_foreigner(foreigner())
    registered_foreigner(registration, worker)
    walk = begin(Client(), exchange, "register")
    answer_all(walk, worker)
    walk.post("register/code", code=walk.code_sent_to(worker.mobile, after=1))
    assert "پیش‌تر ثبت‌نام" in shown(walk.post("register/confirm"))
    assert Person.objects.count() == 1


def test_two_tabs_at_once_make_one_account(browser: Client, exchange: ExchangeSide) -> None:
    worker = exchange.add_foreigner(foreigner())
    tabs = [begin(browser, exchange, "register") for _ in range(2)]
    for sent, tab in enumerate(tabs):
        answer_all(tab, worker)
        tab.post("register/code", code=tab.code_sent_to(worker.mobile, after=sent))
    pages = [tab.post("register/confirm") for tab in tabs]
    assert [page.status_code for page in pages] == [302, 200]
    assert Person.objects.count() == ForeignResident.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [("90000000001", "۱۲ رقم"), ("9000000000011", "۱۲ رقم"), ("111111111111", "کد ملی نیست")],
)
def test_a_number_of_neither_kind_is_told_at_the_field(
    registration: Walk, typed: str, told: str
) -> None:
    page = shown(registration.post("register/national-id", national_id=typed))
    assert 'aria-invalid="true"' in page
    assert told in page


def test_an_unknown_code_is_told_at_the_code(registration: Walk, exchange: ExchangeSide) -> None:
    assert answer_all(registration, foreigner()) == registration.at("register/national-id")
    page = shown(registration.get("register/national-id"))
    assert "اتباع خارجی کسی را" in page
    assert exchange.messages == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [({"birth_date_2": "1370"}, "میلادی"), ({"birth_date_0": "40"}, "روز"), ({}, "")],
)
def test_the_birth_date_is_asked_as_the_passport_has_it(
    registration: Walk, exchange: ExchangeSide, typed: dict[str, str], told: str
) -> None:
    registration.post("register/national-id", national_id=foreigner().fida_code)
    response = registration.post("register/birth-date", **(BORN_TYPED | typed))
    assert (response.status_code == 302) == (not told)
    assert not told or told in shown(response)


def test_another_birth_date_is_told_at_the_date_and_says_nothing_of_the_number(
    registration: Walk, exchange: ExchangeSide
) -> None:
    worker = exchange.add_foreigner(foreigner(permit_until="2020-01-01"))
    exchange.foreigners[worker.fida_code].mobile = "+989350000000"
    told = answer_all(registration, foreigner(), birth_date_2="1990")
    assert told == registration.at("register/birth-date")
    page = shown(registration.get("register/birth-date"))
    assert "govuk-error-message" in page
    assert 'value="1990"' in page, "what was typed is kept"
    assert exchange.messages == []


def test_a_mobile_of_somebody_else_is_told_at_the_mobile_before_anything_of_the_permit(
    registration: Walk, exchange: ExchangeSide
) -> None:
    exchange.add_foreigner(foreigner(permit_until="2020-01-01")).mobile = "+989350000000"
    assert answer_all(registration, foreigner()) == registration.at("register/mobile")


def test_a_permit_that_has_ended_is_refused_with_what_to_do_and_can_be_asked_again(
    registration: Walk, exchange: ExchangeSide
) -> None:
    worker = exchange.add_foreigner(foreigner(permit_until="2020-01-01"))
    assert answer_all(registration, worker) == registration.at("register/check")
    page = registration.get("register/check")
    assert page.status_code == 200
    assert "تمدید" in shown(page)
    assert exchange.messages == []
    assert not Person.objects.exists()

    worker.permit_until = "2999-01-01"
    assert registration.post("register/check")["Location"] == registration.at("register/code")


def test_a_permit_is_good_on_its_last_day(registration: Walk, exchange: ExchangeSide) -> None:
    today = timezone.localdate(time.now()).isoformat()
    worker = exchange.add_foreigner(foreigner(permit_until=today))
    assert answer_all(registration, worker) == registration.at("register/code")


def test_a_deceased_foreigner_gets_no_account(registration: Walk, exchange: ExchangeSide) -> None:
    worker = exchange.add_foreigner(foreigner(vital_status="deceased"))
    assert answer_all(registration, worker) == registration.at("register/check")
    page = shown(registration.get("register/check"))
    assert "دفتر امور اتباع" in page
    assert "<form" not in page.partition("<main")[2]


@pytest.mark.parametrize("system", ["foreigners-registry", "shahkar"])
def test_when_a_registry_is_away_the_answers_are_kept(
    registration: Walk, exchange: ExchangeSide, system: str
) -> None:
    worker = exchange.add_foreigner(foreigner())
    exchange.away.add(system)
    assert answer_all(registration, worker) == registration.at("register/check")
    page = registration.get("register/check")
    assert page.status_code == 503
    assert "اتباع" in shown(page)
    exchange.away.clear()
    assert registration.post("register/check")["Location"] == registration.at("register/code")


@pytest.mark.req("SSO-22")
def test_a_foreign_child_is_told_honestly_where_to_go(
    registration: Walk, exchange: ExchangeSide
) -> None:
    child = exchange.add_foreigner(foreigner())
    child.birth_date = "2015-10-09"
    told = answer_all(registration, child, birth_date_2="2015")
    assert told == registration.at("register/check")
    assert "دفتر امور اتباع" in shown(registration.get("register/check"))


def test_nobody_looks_for_foreigners_in_the_feeds_of_the_civil_registry(
    registration: Walk, exchange: ExchangeSide
) -> None:
    registered_foreigner(registration, exchange.add_foreigner(foreigner()))
    assert not Customer.objects.exists()
    assert list(every_national_id()) == []


@pytest.mark.req("SSO-08", "SSO-09")
@pytest.mark.parametrize(
    ("granted", "told"),
    [
        (["national_id", "fida_code", "given_name"], {"fida_code", "given_name"}),
        (["national_id", "given_name"], {"given_name"}),
        (["national_id"], set()),
    ],
)
def test_a_fida_code_is_told_only_by_its_own_grant_and_never_as_a_national_id(
    registration: Walk, exchange: ExchangeSide, granted: list[str], told: set[str]
) -> None:
    person = registered_foreigner(registration, exchange.add_foreigner(foreigner()))
    register_client(granted_claims=granted)
    browser = Client()
    sign_in(browser, person)
    scope = "openid profile national_id fida phone"
    token = redeem(browser, code_for(browser, scope=scope)).json()["access_token"]
    claims = userinfo(browser, token).json()
    assert set(claims) == told | {"sub"}
    assert claims.get("fida_code") in (person.national_id, None)
    noted = [set(line) for line in Release.objects.values_list("claims", flat=True)]
    assert noted == ([told] if told else []), "the ledger names what was told and nothing else"


@pytest.mark.req("PRV-15")
def test_the_page_of_consent_shows_the_code_as_what_it_is(
    registration: Walk, exchange: ExchangeSide
) -> None:
    person = registered_foreigner(registration, exchange.add_foreigner(foreigner()))
    register_client(asks_consent=True, granted_claims=["national_id", "fida_code"])
    browser = Client()
    sign_in(browser, person)
    response = authorize(browser, scope="openid national_id fida")
    page = shown(browser.get(response["Location"], **HOST))
    assert "کد فیدا" in page
    assert "کد ملی" not in page.partition("<main")[2]


def test_an_account_is_of_the_kind_that_its_number_says(db: None) -> None:
    """Claims are told by the kind, so the database itself keeps the two apart."""
    for kind, number in (("national", "900000000017"), ("fida", "1010000012")):
        of = citizen()
        of.national_id = number
        with pytest.raises(IntegrityError), transaction.atomic():
            registered(of, kind=kind)


def test_the_sign_in_answers_a_known_and_an_unknown_code_alike(
    registration: Walk, exchange: ExchangeSide
) -> None:
    registered_foreigner(registration, exchange.add_foreigner(foreigner(1)))
    pages = []
    for number in (1, 2):
        walk = begin(Client(), exchange)
        response = walk.post("login", national_id=foreigner(number).fida_code)
        assert response["Location"] == walk.at("login/code")
        page = shown(walk.get("login/code")).replace(str(walk.journey), "")
        pages.append(re.sub(r'value="[A-Za-z0-9]{64}"', "", page))
    assert pages[0] == pages[1]


def test_guessing_birth_dates_of_a_code_has_a_limit(
    registration: Walk, exchange: ExchangeSide, settings: Any
) -> None:
    settings.SSO_POLICY = {"inquiries_per_hour": 2}
    exchange.add_foreigner(foreigner())
    answer_all(registration, foreigner(), birth_date_2="1988")
    guesses = [BORN_TYPED | {"birth_date_2": year} for year in ("1989", "1990")]
    answers = [registration.post("register/birth-date", **guess) for guess in guesses]
    assert [answer.status_code for answer in answers] == [302, 429]


def test_a_foreigner_who_has_closed_the_account_is_forgotten_like_anybody(
    registration: Walk, exchange: ExchangeSide, clock: Clock
) -> None:
    worker = exchange.add_foreigner(foreigner())
    person = registered_foreigner(registration, worker)
    registration.client.post("/fa/account/close/", **HOST)
    clock.forward(days=31)

    assert purge_due() == 1

    assert worker.fida_code not in str(vars(Person.objects.get(id=person.id)))
