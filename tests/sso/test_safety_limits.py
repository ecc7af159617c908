"""An attacker neither guesses a code nor locks a citizen out for long (rows 16, 17, 19)."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from conftest import Clock
from django.db import connection
from django.test import Client
from exchange_side import Citizen, ExchangeSide
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from people import HOST, Walk, authorize, begin, citizen, journey_in, registered

from panjereh.common import clock as the_clock
from panjereh.sso.models import OneTimeCode
from panjereh.sso.one_time.actions import Holder, issue_code, redeem_code
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.one_time.locks import check_lock, count_failure, forgive
from panjereh.sso.one_time.sending import send_code
from panjereh.sso.policy import policy
from panjereh.sso.safety.models import Lock

pytestmark = pytest.mark.django_db

MOTHER = Holder("1010000012", "+989120000001")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def locked(*subject: str) -> timedelta:
    try:
        check_lock(*subject)
    except LimitReached as reached:
        return reached.retry_in
    return timedelta()


# Guessing


@pytest.mark.req("SSO-05")
@pytest.mark.django_db(transaction=True)
def test_a_thousand_parallel_guesses_are_three_guesses() -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)

    def guess(number: int) -> str:
        try:
            tried = f"{(int(code) + 1 + number) % 1_000_000:06d}"
            return redeem_code(journey=journey, purpose="login", holder=MOTHER, guess=tried)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(guess, range(1000)))
    compared = policy().one_time_guesses
    assert verdicts.count("wrong") == compared - 1
    assert verdicts.count("exhausted") == 1000 - (compared - 1)
    assert OneTimeCode.objects.get().guesses == 1000
    assert redeem_code(journey=journey, purpose="login", holder=MOTHER, guess=code) == "exhausted"


def test_the_bound_on_guesses_is_what_the_policy_says() -> None:
    """SP 800-63B 5.2.2: at most 100 failures in a row. A year of strangers' tries stays below one
    chance in 2,000."""
    numbers = policy()
    a_year = numbers.lock_most_failures + 365 * (timedelta(days=1) // numbers.lock_beyond)
    assert numbers.lock_most_failures <= 100
    assert a_year / 1_000_000 < 1 / 2_000


@hypothesis_settings(max_examples=25)
@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=150))
def test_whatever_the_rhythm_the_locks_hold_the_bound(pauses: list[int]) -> None:
    """Tries come when they like; those that the lock lets through are counted over each day."""
    subject, at, through = str(uuid.uuid4()), NOON, []
    for pause in pauses:
        at += timedelta(seconds=pause)
        with patch.object(the_clock, "now", lambda moment=at: moment):
            wait = locked(subject)
            assert wait <= max(policy().lock_longest, policy().lock_beyond)
            if not wait:
                through.append(at)
                count_failure(subject)
    for first in through:
        day = [t for t in through if first <= t < first + timedelta(days=1)]
        assert len(day) <= policy().lock_free_failures + 6 + 24, "6 doublings lead to an hour"


def test_the_wait_doubles_up_to_an_hour_and_then_is_a_day(clock: Clock) -> None:
    waits = []
    for _ in range(policy().lock_most_failures + 2):
        count_failure("somebody")
        wait = locked("somebody")
        waits.append(round(wait.total_seconds() / 60))
        clock.forward(seconds=wait.total_seconds())
    free = policy().lock_free_failures
    assert waits[:free] == [0] * free
    assert waits[free : free + 8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert waits[-1] == 24 * 60


def test_the_right_code_forgives_and_so_does_time(clock: Clock) -> None:
    for _ in range(policy().lock_free_failures + 3):
        count_failure("somebody")
    forgive("somebody")
    assert not locked("somebody")
    for _ in range(policy().lock_free_failures + 3):
        count_failure("somebody")
    clock.forward(days=3)
    count_failure("somebody")
    assert not locked("somebody")
    assert Lock.objects.get().failures == 1


def test_a_lock_names_nobody() -> None:
    count_failure("1010000012", "strangers")
    assert "1010000012" not in str(Lock.objects.values().get())


# Locking out


class Swarm:
    """Many machines that know a national id: each with browser and address of its own."""

    def __init__(self, exchange: ExchangeSide, victim: Citizen) -> None:
        self.exchange, self.victim, self.size = exchange, victim, 0

    def attack(self, times: int) -> list[int]:
        return [self._one() for _ in range(times)]

    def _one(self) -> int:
        self.size += 1
        client = Client(REMOTE_ADDR=f"203.{self.size // 250}.{self.size % 250}.9")
        walk = begin(client, self.exchange)
        answer = walk.post("login", national_id=self.victim.national_id)
        for guess in ("000000", "111111", "222222"):
            walk.post("login/code", code=guess)
        return int(answer.status_code)


def sign_in(walk: Walk, of: Citizen) -> int:
    known = walk.exchange.count_to(of.mobile)
    asked = walk.post("login", national_id=of.national_id)
    if asked.status_code == 429:
        return 429
    walk.post("login/code", code=walk.code_sent_to(of.mobile, after=known))
    return int(walk.client.get("/fa/account/", **HOST).status_code)


def signed_out(client: Client) -> Client:
    client.post("/fa/sign-out/", **HOST)
    return client


def test_a_swarm_never_locks_the_browser_that_the_account_knows(
    browser: Client, exchange: ExchangeSide, clock: Clock
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    assert sign_in(begin(browser, exchange), mother) == 200
    swarm = Swarm(exchange, mother)
    for _ in range(4):
        assert 429 in swarm.attack(10)
        assert sign_in(begin(signed_out(browser), exchange), mother) == 200
        clock.forward(hours=1)


def test_a_swarm_sends_no_more_than_ten_messages_a_day(
    exchange: ExchangeSide, clock: Clock
) -> None:
    """Nobody is woken all night by codes that they did not ask for."""
    mother = exchange.add(citizen())
    registered(mother)
    swarm = Swarm(exchange, mother)
    for _ in range(23):
        swarm.attack(3)
        clock.forward(hours=1)
    assert exchange.count_to(mother.mobile) <= 2 * policy().sends_per_day, "two days may be touched"


def test_after_a_swarm_a_new_browser_gets_in_by_the_whole_proof(exchange: ExchangeSide) -> None:
    """Nobody is locked out for good: birth date and own number are not what a swarm knows."""
    mother = exchange.add(citizen())
    registered(mother)
    Swarm(exchange, mother).attack(12)
    guess_birth_dates_of(mother, exchange)
    mine = Client()
    assert sign_in(begin(mine, exchange), mother) == 429
    walk = begin(mine, exchange, "register")
    known = exchange.count_to(mother.mobile)
    walk.answer_all(mother)
    walk.post("register/code", code=walk.code_sent_to(mother.mobile, after=known))
    assert mine.post(f"/fa/prove/{walk.journey}/", **HOST).status_code == 302
    assert mine.get("/fa/account/", **HOST).status_code == 200


def guess_birth_dates_of(victim: Citizen, exchange: ExchangeSide) -> None:
    walk = begin(Client(), exchange, "register")
    walk.post("register/national-id", national_id=victim.national_id)
    walk.post("register/birth-date", birth_date_0="1", birth_date_1="1", birth_date_2="1350")
    answers = [walk.post("register/mobile", mobile="09120000001") for _ in range(11)]
    assert answers[-1].status_code == 429


def test_unknown_people_are_locked_alike(exchange: ExchangeSide) -> None:
    known, unknown = exchange.add(citizen(1)), citizen(2)
    registered(known)
    assert Swarm(exchange, known).attack(8) == Swarm(exchange, unknown).attack(8)


def test_wrong_codes_lock_with_a_page_that_says_how_long(
    settings: Any, exchange: ExchangeSide, browser: Client
) -> None:
    settings.SSO_POLICY = {"lock_free_failures": 2}
    mother = exchange.add(citizen())
    registered(mother)
    walk = begin(browser, exchange)
    walk.post("login", national_id=mother.national_id)
    code = walk.code_sent_to(mother.mobile)
    answers = [walk.post("login/code", code=wrong(code)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    last = walk.post("login/code", code=code)
    assert last.status_code == 429
    assert "دقیقهٔ دیگر" in last.content.decode()


# The breaker


def test_the_breaker_stops_strangers_first_and_tells_everybody(
    settings: Any, browser: Client, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    assert sign_in(begin(browser, exchange), mother) == 200
    settings.SSO_POLICY = {"codes_to_strangers_per_minute": 1, "codes_per_minute": 100}
    people = [exchange.add(citizen(n)) for n in range(10, 14)]
    for person in people:
        registered(person)
        begin(Client(), exchange).post("login", national_id=person.national_id)
    assert sum(exchange.count_to(person.mobile) for person in people) <= 1
    stranger = begin(Client(), exchange)
    stranger.post("login", national_id=citizen(99).national_id)
    assert "app-notice--trouble" in stranger.get("login/code").content.decode()
    assert sign_in(begin(signed_out(browser), exchange), mother) == 200


def test_codes_go_to_numbers_of_the_country_only(exchange: ExchangeSide) -> None:
    with pytest.raises(ValueError, match="of the country"):
        send_code(mobile="+14155550100", code="123456")
    assert exchange.messages == []


def test_one_number_is_not_flooded(settings: Any, exchange: ExchangeSide) -> None:
    settings.SSO_POLICY = {"codes_per_number_and_day": 2}
    for _ in range(2):
        send_code(mobile="+989120000001", code="123456")
    with pytest.raises(LimitReached):
        send_code(mobile="+989120000001", code="123456")
    send_code(mobile="+989120000002", code="123456")


def test_one_agency_entry_does_not_use_up_what_others_need(
    settings: Any, window: str, exchange: ExchangeSide
) -> None:
    settings.SSO_POLICY = {"sends_per_entry_and_minute": 2}

    def ask(number: int, through: Callable[[Client], uuid.UUID]) -> int:
        client = Client()
        walk = Walk(client, exchange, through(client))
        answer = walk.post("login", national_id=citizen(number).national_id)
        return int(answer.status_code)

    def by_window(client: Client) -> uuid.UUID:
        return journey_in(authorize(client)["Location"])

    def by_our_door(client: Client) -> uuid.UUID:
        return begin(client, exchange).journey

    assert [ask(n, by_window) for n in range(40, 43)] == [302, 302, 429]
    assert ask(44, by_our_door) == 302
