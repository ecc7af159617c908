"""A new number: own by Shahkar, three days of waiting, and never in one step for a thief."""

from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, begin, citizen, registered, sign_in

from panjereh.sso.models import Person, Session
from panjereh.sso.people.actions import attain
from panjereh.sso.safety.changing import apply_due, is_sure
from panjereh.sso.safety.delivery import deliver_due
from panjereh.sso.safety.models import Notice, NumberChange, NumberStanding
from panjereh.sso.safety.numbers import suspend_number
from panjereh.sso.sessions.actions import Arrival, begin_session, use_session

pytestmark = pytest.mark.django_db

NEW = "+989351112233"


@pytest.fixture
def owner(inside: Client, person: Person, exchange: ExchangeSide) -> Client:
    """Somebody who owns a second number by now."""
    exchange.second_numbers.add((person.national_id, NEW))
    return inside


def ask(client: Client, mobile: str = NEW) -> Any:
    return client.post("/fa/account/number/", {"mobile": "0" + mobile.removeprefix("+98")}, **HOST)


def change(client: Client, exchange: ExchangeSide) -> Any:
    answer = ask(client)
    assert answer.status_code == 302, answer.content.decode()
    return client.post(answer["Location"], {"code": exchange.wait_for_sms(NEW).code}, **HOST)


def mobile_of(person: Person) -> str:
    return Person.objects.get(id=person.id).mobile


def test_at_level_one_the_new_number_waits_and_the_old_one_is_told(
    owner: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    page = change(owner, exchange).content.decode()
    assert "سه روز" in page
    assert mobile_of(person) == person.mobile
    deliver_due()
    assert "تغییر شمارهٔ همراه درخواست شد" in exchange.wait_for_sms(person.mobile).text
    clock.forward(hours=71)
    assert apply_due() == 0
    clock.forward(hours=2)
    assert apply_due() == 1
    assert mobile_of(person) == NEW
    assert not Session.objects.filter(ended_at=None).exists()
    exchange.messages.clear()
    clock.forward(seconds=1)
    deliver_due()
    assert sorted(sms.mobile for sms in exchange.messages) == sorted([person.mobile, NEW])


def test_any_session_of_the_person_cancels_it(
    owner: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    change(owner, exchange)
    other = Client()
    sign_in(other, person)
    assert "لغو تغییر شماره" in other.get("/fa/account/", **HOST).content.decode()
    other.post("/fa/account/number/cancel/", **HOST)
    clock.forward(hours=73)
    assert apply_due() == 0
    assert mobile_of(person) == person.mobile
    assert "number-change-cancelled" in Notice.objects.values_list("kind", flat=True)


def test_cancelling_nothing_tells_nothing(owner: Client) -> None:
    assert owner.post("/fa/account/number/cancel/", **HOST).status_code == 302
    assert not Notice.objects.exists()


def test_another_persons_number_is_refused_before_any_code(
    owner: Client, exchange: ExchangeSide
) -> None:
    page = ask(owner, "+989130000000").content.decode()
    assert "به نام شما ثبت نشده" in page
    assert exchange.messages == []
    assert not NumberChange.objects.exists()


@pytest.mark.parametrize("system", ["shahkar", "messaging"])
def test_a_service_that_is_away_is_said_at_the_field(
    owner: Client, exchange: ExchangeSide, system: str
) -> None:
    exchange.away.add(system)
    page = ask(owner).content.decode()
    assert "چند دقیقهٔ دیگر" in page
    assert "govuk-error-message" in page


def test_without_the_code_nothing_waits(
    owner: Client, person: Person, exchange: ExchangeSide
) -> None:
    place = ask(owner)["Location"]
    code = exchange.wait_for_sms(NEW).code
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    pages = [owner.post(place, {"code": wrong}, **HOST).content.decode() for _ in range(3)]
    assert "سه بار" in pages[-1]
    assert "govuk-error-summary" in owner.post(place, {"code": code}, **HOST).content.decode()
    assert NumberChange.objects.get().confirmed_at is None


def test_the_code_counts_in_the_session_that_asked_only(
    owner: Client, person: Person, exchange: ExchangeSide
) -> None:
    place = ask(owner)["Location"]
    code = exchange.wait_for_sms(NEW).code
    for stranger in (person, registered(citizen(2))):
        other = Client()
        sign_in(other, stranger)
        assert other.post(place, {"code": code}, **HOST)["Location"] == "/fa/account/number/"
    assert NumberChange.objects.get().confirmed_at is None


def test_an_old_session_signs_in_once_more_first(owner: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    sign_in_page = ask(owner)["Location"]
    assert "/login/" in sign_in_page
    assert not NumberChange.objects.exists()


def test_a_new_wish_takes_the_place_of_the_one_that_waits(
    owner: Client, person: Person, exchange: ExchangeSide
) -> None:
    change(owner, exchange)
    change(owner, exchange)
    assert NumberChange.objects.filter(cancelled_at=None).count() == 1


def test_the_number_must_still_be_own_when_the_days_are_over(
    owner: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    change(owner, exchange)
    exchange.second_numbers.clear()
    clock.forward(hours=73)
    apply_due()
    assert mobile_of(person) == person.mobile
    assert NumberChange.objects.get().outcome == "not-own"


def test_while_shahkar_is_away_the_change_waits(
    owner: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    change(owner, exchange)
    clock.forward(hours=73)
    exchange.away.add("shahkar")
    assert apply_due() == 0
    exchange.away.clear()
    assert apply_due() == 0
    clock.forward(minutes=6)
    assert apply_due() == 1
    assert mobile_of(person) == NEW


def test_numbers_of_others_cannot_be_tried_out(owner: Client) -> None:
    answers = [ask(owner, f"+98913{n:07d}").status_code for n in range(6)]
    assert answers == [200] * 5 + [429]


# Level 2


def face(client: Client, person: Person) -> None:
    key = client.cookies["sso"].value
    arrival = Arrival(way="face", browser_sha256="b" * 64, browser="Firefox, Linux")
    client.cookies["sso"] = begin_session(person, arrival, renewing=use_session(key))


@pytest.fixture
def sure(owner: Client, person: Person) -> Client:
    attain(person.id, 2, "face")
    return owner


def test_whoever_reached_level_two_must_show_it(
    sure: Client, person: Person, exchange: ExchangeSide
) -> None:
    answer = ask(sure)
    assert answer.status_code == 403
    assert 'action="/fa/step-up/"' in answer.content.decode(), "the way on is one press away"
    assert not NumberChange.objects.exists()
    face(sure, person)
    change(sure, exchange)
    assert mobile_of(person) == NEW
    assert sure.get("/fa/account/", **HOST).status_code == 200, "this session goes on"


def test_level_two_of_an_hour_ago_is_not_enough(
    sure: Client, person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    face(sure, person)
    clock.forward(minutes=11)
    arrival = Arrival(way="sms", browser_sha256="b" * 64, browser="Firefox, Linux")
    session = use_session(sure.cookies["sso"].value)
    sure.cookies["sso"] = begin_session(person, arrival, renewing=session)
    live = use_session(sure.cookies["sso"].value)
    assert live is not None
    assert live.level == 2
    assert not is_sure(live)
    answer = ask(sure)
    assert answer.status_code == 403
    assert "دوباره وارد شوید" in answer.content.decode()


def test_other_sessions_end_with_the_old_number(
    sure: Client, person: Person, exchange: ExchangeSide
) -> None:
    thief = Client()
    sign_in(thief, person)
    face(sure, person)
    change(sure, exchange)
    assert thief.get("/fa/account/", **HOST).status_code == 302


# Without a session


def prove(exchange: ExchangeSide, person: Person) -> Any:
    """The whole registration again, with another own number."""
    of = exchange.citizens[person.national_id]
    of.mobile = NEW
    walk = begin(Client(), exchange, "register")
    walk.answer_all(of)
    walk.post("register/code", code=walk.code_sent_to(NEW))
    return walk


def test_who_has_lost_the_phone_proves_a_new_number_and_waits(
    person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    walk = prove(exchange, person)
    assert "دیگر از آن شما نیست" in walk.get("register/confirm").content.decode()
    page = walk.client.post(f"/fa/prove/{walk.journey}/", **HOST)
    assert "سه روز" in page.content.decode()
    assert "sso" not in walk.client.cookies, "nobody is in by this"
    clock.forward(hours=73)
    apply_due()
    assert mobile_of(person) == NEW


def test_a_number_lost_to_a_stranger_does_not_wait_for_the_stranger(
    person: Person, exchange: ExchangeSide
) -> None:
    suspend_number(person.id, mobile=person.mobile, reason="lost")
    walk = prove(exchange, person)
    assert walk.client.post(f"/fa/prove/{walk.journey}/", **HOST).status_code == 302
    assert mobile_of(person) == NEW
    assert NumberStanding.objects.get().suspended_at is None
    exchange.messages.clear()
    deliver_due()
    assert [sms.mobile for sms in exchange.messages] == [NEW], "the stranger is told nothing"


def test_after_a_report_another_number_waits_all_the_same(
    person: Person, exchange: ExchangeSide
) -> None:
    suspend_number(person.id, mobile=person.mobile, reason="reported")
    walk = prove(exchange, person)
    walk.client.post(f"/fa/prove/{walk.journey}/", **HOST)
    assert mobile_of(person) == person.mobile
    assert NumberStanding.objects.get().suspended_at
