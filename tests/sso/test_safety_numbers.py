"""A number that has come to somebody else opens nothing (SSO-02, row 20)."""

from typing import Any

import pytest
from conftest import Clock
from django.db import connection
from django.test import Client
from exchange_side import Citizen, ExchangeSide
from people import HOST, Walk, begin, citizen, code_for, redeem, registered, userinfo

from panjereh.sso.events.actions import take_events
from panjereh.sso.events.models import Event
from panjereh.sso.models import Person, Session
from panjereh.sso.people.actions import register_person
from panjereh.sso.people.inquiries import Identity
from panjereh.sso.policy import policy
from panjereh.sso.safety.jobs import check_due_numbers
from panjereh.sso.safety.models import Notice, NumberStanding
from panjereh.sso.safety.numbers import note_owned, sim_changed

pytestmark = pytest.mark.django_db

SHAHKAR = ("shahkar", "ownership")


@pytest.fixture
def mother(exchange: ExchangeSide) -> Citizen:
    return exchange.add(citizen())


def recycle(exchange: ExchangeSide, of: Citizen) -> None:
    """The operator has sold the number to somebody else."""
    exchange.citizens[of.national_id] = citizen(1)
    exchange.citizens[of.national_id].mobile = "+989129999999"


def ask(client: Client, exchange: ExchangeSide, of: Citizen) -> Walk:
    walk = begin(client, exchange)
    assert walk.post("login", national_id=of.national_id)["Location"] == walk.at("login/code")
    return walk


def sign_in_by_sms(client: Client, exchange: ExchangeSide, of: Citizen) -> None:
    known = exchange.count_to(of.mobile)
    walk = ask(client, exchange, of)
    walk.post("login/code", code=walk.code_sent_to(of.mobile, after=known))


def again(client: Client) -> Client:
    client.post("/fa/sign-out/", **HOST)
    return client


@pytest.mark.req("SSO-02")
def test_on_an_unseen_browser_the_owner_of_the_number_is_asked_for_anew(
    browser: Client, exchange: ExchangeSide, mother: Citizen
) -> None:
    registered(mother)
    sign_in_by_sms(browser, exchange, mother)
    assert exchange.calls.count(SHAHKAR) == 1
    sign_in_by_sms(again(browser), exchange, mother)
    assert exchange.calls.count(SHAHKAR) == 1, "not on a browser that the account knows"
    sign_in_by_sms(Client(), exchange, mother)
    assert exchange.calls.count(SHAHKAR) == 2


@pytest.mark.req("SSO-02")
def test_after_thirty_days_it_is_asked_for_on_every_browser(
    browser: Client, exchange: ExchangeSide, mother: Citizen, clock: Clock
) -> None:
    registered(mother)
    sign_in_by_sms(browser, exchange, mother)
    clock.forward(days=31)
    sign_in_by_sms(again(browser), exchange, mother)
    assert exchange.calls.count(SHAHKAR) == 2


@pytest.mark.req("SSO-02", "SSO-05")
def test_a_number_of_somebody_else_gets_no_code_and_everything_ends(
    window: str, browser: Client, exchange: ExchangeSide, mother: Citizen
) -> None:
    person = registered(mother)
    take_events("window", actor="test", address="https://window.example/events")
    sign_in_by_sms(browser, exchange, mother)
    token = redeem(browser, code_for(browser)).json()["access_token"]
    recycle(exchange, mother)
    exchange.messages.clear()
    ask(Client(), exchange, mother)
    assert exchange.messages == []
    assert not Session.objects.filter(ended_at=None).exists()
    assert userinfo(browser, token).status_code == 401
    assert NumberStanding.objects.get(person=person).reason == "lost"
    assert Notice.objects.get().kind == "number-lost"
    assert {event.kind for event in Event.objects.all()} >= {"identifier-recycled"}


def test_the_code_sent_before_dies_with_the_number(
    browser: Client, exchange: ExchangeSide, mother: Citizen
) -> None:
    registered(mother)
    walk = ask(browser, exchange, mother)
    code = walk.code_sent_to(mother.mobile)
    recycle(exchange, mother)
    ask(Client(), exchange, mother)
    assert "govuk-error-message" in walk.post("login/code", code=code).content.decode()
    assert not Session.objects.exists()


def test_the_suspended_are_not_asked_about_again(
    browser: Client, exchange: ExchangeSide, mother: Citizen
) -> None:
    registered(mother)
    recycle(exchange, mother)
    ask(browser, exchange, mother)
    before = exchange.calls.count(SHAHKAR)
    ask(browser, exchange, mother)
    assert exchange.calls.count(SHAHKAR) == before
    assert not check_due_numbers() or exchange.calls.count(SHAHKAR) == before


def away_told(client: Client, walk: Walk) -> bool:
    return "اکنون نمی‌توانیم بپرسیم" in walk.get("login/code").content.decode()


def test_while_the_registry_is_away_known_browsers_go_on_and_others_wait_with_clear_words(
    browser: Client, exchange: ExchangeSide, mother: Citizen, clock: Clock
) -> None:
    person = registered(mother)
    sign_in_by_sms(browser, exchange, mother)
    exchange.away.add("shahkar")
    clock.forward(days=31)
    sign_in_by_sms(again(browser), exchange, mother)
    assert not away_told(browser, ask(again(browser), exchange, mother)), "nobody is kept waiting"
    exchange.messages.clear()
    stranger = Client()
    walk = ask(stranger, exchange, mother)
    assert exchange.messages == []
    assert away_told(stranger, walk)
    assert away_told(stranger, ask(Client(), exchange, citizen(8))), "to everybody alike"
    exchange.away.clear()
    clock.forward(minutes=2)
    assert NumberStanding.objects.get(person=person).suspended_at is None, "no answer is no no"
    sign_in_by_sms(stranger, exchange, mother)


def test_the_worker_asks_about_each_number_within_a_month(
    exchange: ExchangeSide, mother: Citizen, clock: Clock
) -> None:
    person = registered(mother)
    note_owned(person.id)
    check_due_numbers()
    assert exchange.calls == []
    clock.forward(days=30)
    assert check_due_numbers()
    assert exchange.calls == [SHAHKAR]
    check_due_numbers()
    assert exchange.calls == [SHAHKAR]
    recycle(exchange, mother)
    clock.forward(days=30)
    check_due_numbers()
    assert NumberStanding.objects.get().reason == "lost"


def test_the_checks_of_people_who_came_on_one_day_are_spread(exchange: ExchangeSide) -> None:
    people = [registered(citizen(number)) for number in range(20, 60)]
    for person in people:
        note_owned(person.id)
    due = sorted(NumberStanding.objects.values_list("due_at", flat=True))
    assert (due[-1] - due[0]) > policy().number_check_spread / 3
    last = max(NumberStanding.objects.values_list("checked_at", flat=True))
    assert due[-1] <= last + policy().number_good_for


def test_a_registry_that_is_away_is_asked_again_when_the_lease_is_over(
    exchange: ExchangeSide, mother: Citizen, clock: Clock
) -> None:
    note_owned(registered(mother).id)
    clock.forward(days=30)
    exchange.away.add("shahkar")
    assert not check_due_numbers()
    exchange.away.clear()
    exchange.calls.clear()
    assert check_due_numbers()
    assert exchange.calls == []
    clock.forward(minutes=6)
    assert check_due_numbers()
    assert exchange.calls == [SHAHKAR]


def test_when_the_registry_says_that_a_sim_changed_it_is_asked_at_once(
    exchange: ExchangeSide, mother: Citizen
) -> None:
    note_owned(registered(mother).id)
    recycle(exchange, mother)
    check_due_numbers()
    assert exchange.calls == []
    sim_changed(mother.national_id)
    check_due_numbers()
    assert NumberStanding.objects.get().reason == "lost"


@pytest.mark.req("SSO-02")
def test_the_owner_comes_back_with_a_new_own_number(
    browser: Client, exchange: ExchangeSide, mother: Citizen
) -> None:
    person = registered(mother)
    recycle(exchange, mother)
    walk = ask(browser, exchange, mother)
    page = walk.get("login/code").content.decode()
    assert f"/register/{walk.journey}/" in page, "the way on stands on everybody's page"

    own = exchange.citizens[mother.national_id]
    walk = begin(browser, exchange, "register")
    walk.answer_all(own)
    walk.post("register/code", code=walk.code_sent_to(own.mobile))
    assert "قفل شده بود" in walk.get("register/confirm").content.decode()
    assert walk.client.post(f"/fa/prove/{walk.journey}/", **HOST).status_code == 302
    person.refresh_from_db()
    assert person.mobile == own.mobile
    assert browser.get("/fa/account/", **HOST).status_code == 200
    assert Person.objects.count() == 1
    sign_in_by_sms(Client(), exchange, own)


def test_whoever_registers_is_watched_from_the_first_day(exchange: ExchangeSide) -> None:
    facts: dict[str, Any] = vars(citizen()) | {"birth_date": "1991-10-09"}
    facts.pop("vital_status")
    person, fresh = register_person(Identity(**facts), through="")
    assert fresh
    assert NumberStanding.objects.get(person=person).suspended_at is None


def test_two_workers_never_ask_about_the_same_person(exchange: ExchangeSide) -> None:
    """The lease is one statement that skips what another one holds."""
    for number in range(30, 33):
        note_owned(registered(exchange.add(citizen(number))).id)
    NumberStanding.objects.update(due_at="2020-01-01T00:00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sso_safety_numberstanding")
        assert cursor.fetchone() == (3,)
    check_due_numbers()
    check_due_numbers()
    assert exchange.calls.count(SHAHKAR) == 3
