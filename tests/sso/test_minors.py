"""Children: the guardian opens the account and acts, until the day the child is of age (SSO-22)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from conftest import Clock
from django.db import connection
from django.test import Client
from django.utils import timezone
from exchange_side import Citizen, ExchangeSide
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
from panjereh.common.outbox.models import OutboxEvent
from panjereh.sdk.feeds.following.models import Customer
from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.people.actions import ChildRefused, register_child
from panjereh.sso.people.minors import comes_of_age, is_minor
from panjereh.sso.people.models import Guardianship
from panjereh.sso.people.queries import acts_for_now, children_of, minors_of
from panjereh.sso.provider.claims import values
from panjereh.ui.jalali import to_jalali

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSO-22")]


def shown(response: Any) -> str:
    return str(response.content.decode())


def newborn(exchange: ExchangeSide, number: int = 50, **facts: str) -> Citizen:
    born = timezone.localdate(time.now()) - timedelta(days=10)
    return exchange.add(of_birth(born, number, **facts))


def of_birth(born: date, number: int = 50, **facts: str) -> Citizen:
    child = citizen(number, given_name="کیان", family_name="سپهری", **facts)
    child.birth_date = born.isoformat()
    return child


@pytest.fixture
def father(person: Person) -> Person:
    return person


@pytest.fixture
def home(browser: Client, father: Person) -> Client:
    sign_in(browser, father)
    return browser


@pytest.fixture
def child(exchange: ExchangeSide, father: Person) -> Citizen:
    found = newborn(exchange)
    exchange.let_act(father.national_id, found.national_id)
    return found


def choose(client: Client, national_id: str) -> Any:
    return client.post("/fa/children/", {"child": national_id}, **HOST)


def confirm(client: Client, national_id: str) -> Any:
    return client.post("/fa/children/register/", {"child": national_id}, **HOST)


def answer_as(walk: Walk, child: Citizen) -> Any:
    year, month, day = to_jalali(date.fromisoformat(child.birth_date))
    born = {"birth_date_0": day, "birth_date_1": month, "birth_date_2": year}
    walk.post("register/national-id", national_id=child.national_id)
    walk.post("register/birth-date", **{name: str(part) for name, part in born.items()})
    return walk.post("register/mobile", mobile="0" + child.mobile.removeprefix("+98"))


def test_a_father_registers_his_newborn(home: Client, father: Person, child: Citizen) -> None:
    page = shown(home.get("/fa/children/", **HOST))
    assert "کیان" in page

    page = shown(choose(home, child.national_id))
    for fact in ("کیان", "سپهری", "پدر", child.national_id):
        assert fact in page
    assert Person.objects.count() == 1, "nothing is active before the yes"

    response = confirm(home, child.national_id)
    account = Person.objects.get(national_id=child.national_id)
    assert response["Location"] == f"/fa/children/{account.id}/"
    assert "کیان" in shown(home.get(response["Location"], **HOST))
    assert (account.mobile, account.mobile_confirmed_at) == ("", None)
    assert not AttainedLevel.objects.filter(person=account).exists()
    assert minors_of(father.id) == [account]
    assert Guardianship.objects.get().ground == "father"
    assert Customer.objects.filter(national_id=child.national_id).exists(), "feeds are looked at"
    assert "کیان" in shown(home.get("/fa/account/", **HOST))
    assert "پیش‌تر ثبت‌نام شده" in shown(home.get("/fa/children/", **HOST))


def test_the_news_of_a_child_name_nobody(home: Client, child: Citizen) -> None:
    confirm(home, child.national_id)
    body = json.loads(bytes(OutboxEvent.objects.get(type="sso.child.registered").body))
    assert list(body["data"]) == ["sub"]
    assert child.national_id not in str(body)


@pytest.mark.parametrize("way", ["get", "choose", "confirm"])
def test_who_is_not_signed_in_comes_to_the_sign_in(
    browser: Client, child: Citizen, way: str
) -> None:
    answer = {
        "get": lambda: browser.get("/fa/children/", **HOST),
        "choose": lambda: choose(browser, child.national_id),
        "confirm": lambda: confirm(browser, child.national_id),
    }[way]()
    assert answer["Location"] == "/fa/login/"
    assert not Guardianship.objects.exists()


def test_a_form_from_elsewhere_registers_nobody(father: Person, child: Citizen) -> None:
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, father)
    assert confirm(browser, child.national_id).status_code == 403
    assert choose(browser, child.national_id).status_code == 403
    assert not Guardianship.objects.exists()


def test_the_child_of_another_cannot_be_registered(
    home: Client, exchange: ExchangeSide, child: Citizen
) -> None:
    """Not by the page, and not by a form made by hand."""
    strangers = newborn(exchange, 51)
    exchange.let_act(citizen(9).national_id, strangers.national_id)
    page = choose(home, strangers.national_id)
    assert "یکی از همین فرزندان" in shown(page)
    page = confirm(home, strangers.national_id)
    assert page.status_code == 409
    assert strangers.given_name not in shown(page)
    assert not Person.objects.filter(national_id=strangers.national_id).exists()


def test_the_page_of_another_guardians_child_is_not_there(
    home: Client, browser: Client, child: Citizen
) -> None:
    confirm(home, child.national_id)
    account = Person.objects.get(national_id=child.national_id)
    other = Client()
    sign_in(other, registered(citizen(8)))
    assert other.get(f"/fa/children/{account.id}/", **HOST).status_code == 404


def test_nothing_is_chosen_is_told_at_the_field(home: Client, child: Citizen) -> None:
    page = shown(home.post("/fa/children/", {}, **HOST))
    assert "یکی از فرزندان را انتخاب کنید" in page
    assert "govuk-error-summary" in page


def test_without_children_the_page_says_what_to_do(home: Client) -> None:
    page = shown(home.get("/fa/children/", **HOST))
    assert "سرپرست هیچ فرزند" in page
    assert "شناسنامه" in page


def test_who_has_died_or_is_of_age_is_not_offered(
    home: Client, exchange: ExchangeSide, father: Person
) -> None:
    dead = newborn(exchange, 51, vital_status="deceased")
    grown = exchange.add(of_birth(date(1990, 1, 1), 52))
    for one in (dead, grown):
        exchange.let_act(father.national_id, one.national_id)
    assert children_of(father) == []
    for one in (dead, grown):
        assert confirm(home, one.national_id).status_code == 409


def test_who_stops_being_guardian_between_look_and_yes_is_refused(
    home: Client, exchange: ExchangeSide, child: Citizen
) -> None:
    choose(home, child.national_id)
    exchange.wards.clear()
    page = confirm(home, child.national_id)
    assert page.status_code == 409
    assert "ثبت احوال" in shown(page)
    assert "/fa/children/" in shown(page), "no dead end"


def test_a_ground_that_the_rule_does_not_name_gives_no_guardian(
    exchange: ExchangeSide, father: Person, settings: Any, tmp_path: Any
) -> None:
    """The rule is data: another file, another rule."""
    child = newborn(exchange)
    exchange.let_act(father.national_id, child.national_id, "court")
    assert [one.ground for one in children_of(father)] == ["court"]
    own = tmp_path / "minors.yaml"
    own.write_text("of_age: 21\nguardians: [{ground: father, name: {fa: پدر, en: Father}}]\n")
    settings.SSO_MINORS = own
    assert children_of(father) == []
    assert comes_of_age(date(2000, 3, 20)) == date(2021, 3, 21)


@pytest.mark.parametrize("page", ["get", "choose", "confirm"])
def test_when_the_registry_is_away_the_person_can_try_again(
    home: Client, exchange: ExchangeSide, child: Citizen, page: str
) -> None:
    exchange.away.add("civil-registry")
    answer = {
        "get": lambda: home.get("/fa/children/", **HOST),
        "choose": lambda: choose(home, child.national_id),
        "confirm": lambda: confirm(home, child.national_id),
    }[page]()
    assert answer.status_code == 503
    assert 'href="/fa/children/"' in shown(answer)
    exchange.away.clear()
    assert home.get("/fa/children/", **HOST).status_code == 200


def test_asking_has_a_limit(home: Client, child: Citizen, settings: Any) -> None:
    settings.SSO_POLICY = {"own_inquiries_per_hour": 2}
    answers = [home.get("/fa/children/", **HOST).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_open_one_account(
    exchange: ExchangeSide, father: Person, child: Citizen
) -> None:
    def open_it(_: int) -> str:
        try:
            return str(register_child(father, national_id=child.national_id).id)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as tabs:
        accounts = set(tabs.map(open_it, range(4)))
    assert len(accounts) == 1
    assert Guardianship.objects.count() == 1
    assert OutboxEvent.objects.filter(type="sso.child.registered").count() == 1


def test_after_the_father_the_grandfather_joins_the_same_account(
    home: Client, exchange: ExchangeSide, father: Person, child: Citizen
) -> None:
    confirm(home, child.national_id)
    account = Person.objects.get(national_id=child.national_id)
    exchange.wards.clear()
    grandfather = registered(citizen(7))
    exchange.let_act(grandfather.national_id, child.national_id, "paternal-grandfather")
    assert not acts_for_now(father, account)
    browser = Client()
    sign_in(browser, grandfather)
    assert confirm(browser, child.national_id)["Location"] == f"/fa/children/{account.id}/"
    assert acts_for_now(grandfather, account)
    assert Person.objects.filter(national_id=child.national_id).count() == 1


def test_an_account_that_is_closed_is_not_joined(
    home: Client, father: Person, child: Citizen
) -> None:
    account = register_child(father, national_id=child.national_id)
    Person.objects.filter(id=account.id).update(closed_at=time.now())
    page = confirm(home, child.national_id)
    assert page.status_code == 409
    assert "پشتیبانی" in shown(page)
    assert not acts_for_now(father, Person.objects.get(id=account.id))


# The child itself


@pytest.mark.req("SSO-04")
def test_nobody_signs_in_to_a_childs_account(
    exchange: ExchangeSide, father: Person, child: Citizen, login: Walk
) -> None:
    """The page answers as to anybody unknown; no message goes anywhere."""
    register_child(father, national_id=child.national_id)
    response = login.post("login", national_id=child.national_id)
    assert response["Location"] == login.at("login/code")
    response = login.post("login/code", code="000000")
    assert response.status_code == 200
    assert exchange.messages == []


def test_a_child_does_not_register_alone_and_is_told_who_does(
    exchange: ExchangeSide, child: Citizen, registration: Walk
) -> None:
    assert answer_as(registration, child)["Location"] == registration.at("register/check")
    page = shown(registration.get("register/check"))
    assert "سرپرست" in page
    assert "۱۸ ساله" in page
    assert exchange.messages == []
    assert not Person.objects.filter(national_id=child.national_id).exists()


def test_the_phone_in_a_parents_name_is_no_dead_end_for_a_child(
    exchange: ExchangeSide, child: Citizen, registration: Walk
) -> None:
    exchange.citizens[child.national_id].mobile = "+989350000000"
    typed = of_birth(date.fromisoformat(child.birth_date))
    assert answer_as(registration, typed)["Location"] == registration.at("register/check")


# Of age


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2010, 10, 9), date(2028, 10, 8)),  # 17 Mehr 1389 -> 17 Mehr 1407
        (date(2009, 3, 20), date(2027, 3, 21)),  # 30 Esfand 1387, and 1405 has none
        (date(2008, 3, 20), date(2026, 3, 21)),  # the first of Farvardin
    ],
)
def test_years_are_those_of_the_solar_calendar(born: date, of_age: date) -> None:
    assert comes_of_age(born) == of_age


def test_on_the_day_itself_the_guardian_acts_no_more_and_nobody_had_to_end_it(
    exchange: ExchangeSide, father: Person, clock: Clock
) -> None:
    child = growing(exchange, father, days_left=3)
    account = register_child(father, national_id=child.national_id)
    clock.forward(days=2)
    assert is_minor(account.birth_date)
    assert acts_for_now(father, account)

    clock.forward(days=1)
    assert not is_minor(account.birth_date)
    assert not acts_for_now(father, account)
    assert minors_of(father.id) == []
    with pytest.raises(ChildRefused):
        register_child(father, national_id=child.national_id)


def growing(exchange: ExchangeSide, father: Person, *, days_left: int) -> Citizen:
    """A child who comes of age in so many days."""
    turns = timezone.localdate(time.now()) + timedelta(days=days_left)
    born = next(
        day
        for day in (turns - timedelta(days=18 * 365 + extra) for extra in range(8))
        if comes_of_age(day) == turns
    )
    child = exchange.add(of_birth(born))
    exchange.let_act(father.national_id, child.national_id)
    return child


def test_at_eighteen_the_person_takes_the_account_over_with_the_own_mobile(
    exchange: ExchangeSide, father: Person, clock: Clock, registration: Walk
) -> None:
    child = growing(exchange, father, days_left=1)
    account = register_child(father, national_id=child.national_id)
    clock.forward(days=1)
    walk = begin(registration.client, exchange, "register")
    assert answer_as(walk, child)["Location"] == walk.at("register/code")
    walk.post("register/code", code=walk.code_sent_to(child.mobile))
    assert walk.post("register/confirm")["Location"] == walk.at("continue")

    taken = Person.objects.get(national_id=child.national_id)
    assert (taken.id, taken.mobile) == (account.id, child.mobile)
    assert AttainedLevel.objects.get(person=taken).level == 1
    ended = Guardianship.objects.get()
    assert (ended.ended_because, ended.ended_at is not None) == ("of-age", True)
    assert not acts_for_now(father, taken)
    assert "کیان" in shown(walk.client.get("/fa/account/", **HOST))


@pytest.mark.req("WIN-02")
def test_taking_over_happens_once(
    exchange: ExchangeSide, father: Person, clock: Clock, browser: Client
) -> None:
    child = growing(exchange, father, days_left=1)
    register_child(father, national_id=child.national_id)
    clock.forward(days=1)
    tabs = [begin(browser, exchange, "register") for _ in range(2)]
    for sent, tab in enumerate(tabs):
        answer_as(tab, child)
        tab.post("register/code", code=tab.code_sent_to(child.mobile, after=sent))
    assert [tab.post("register/confirm").status_code for tab in tabs] == [302, 200]
    assert AttainedLevel.objects.filter(person__national_id=child.national_id).count() == 1


# Of age, for services (WIN-16)


@pytest.mark.req("WIN-16", "SSO-08")
@pytest.mark.parametrize(
    ("granted", "told"),
    [(["age_over_18"], {"age_over_18": True}), (["birth_date"], {}), ([], {})],
)
def test_whether_somebody_is_of_age_is_told_by_grant_without_the_birth_date(
    browser: Client, person: Person, granted: list[str], told: dict[str, bool]
) -> None:
    register_client(granted_claims=granted)
    sign_in(browser, person)
    token = redeem(browser, code_for(browser, scope="openid age")).json()["access_token"]
    claims = userinfo(browser, token).json()
    claims.pop("sub")
    assert claims == told


@pytest.mark.req("WIN-16")
def test_the_claim_turns_on_the_birthday(
    exchange: ExchangeSide, father: Person, clock: Clock
) -> None:
    child = growing(exchange, father, days_left=1)
    account = register_child(father, national_id=child.national_id)
    assert values(account, ["age_over_18"]) == {"age_over_18": False}
    clock.forward(days=1)
    assert values(account, ["age_over_18"]) == {"age_over_18": True}


def test_even_a_session_of_a_childs_account_opens_no_service(
    browser: Client, father: Person, child: Citizen, window: str
) -> None:
    """It has attained no level: should one ever come to be, it signs in to nothing."""
    sign_in(browser, register_child(father, national_id=child.national_id))
    assert "/login/" in authorize(browser)["Location"]


def test_datetime_is_read_in_tehran(clock: Clock) -> None:
    """The day begins in Tehran, not in Greenwich."""
    born = date(2008, 11, 23)
    turns = comes_of_age(born)
    eve = datetime.combine(turns - timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    clock.shift = eve.replace(hour=21) - clock.real()
    assert not is_minor(born)
