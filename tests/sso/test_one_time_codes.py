"""One-time codes: single use, two minutes, three guesses, bound, limited (SSO-05)."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from conftest import Clock
from django.db import connection
from django.test import Client, RequestFactory
from exchange_side import ExchangeSide
from hypothesis import given
from hypothesis import strategies as st
from people import HOST, Walk, begin, citizen, registered

from panjereh.common import clock as the_clock
from panjereh.sso.models import Counter, OneTimeCode
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.actions import Holder, issue_code, redeem_code
from panjereh.sso.one_time.limits import Limit, LimitReached
from panjereh.sso.policy import policy
from panjereh.sso.sessions.visitor import visitor

MOTHER = Holder("1010000012", "+989120000001")

pytestmark = pytest.mark.django_db


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def guess(journey: uuid.UUID, code: str, holder: Holder = MOTHER) -> str:
    return redeem_code(journey=journey, purpose="login", holder=holder, guess=code)


@pytest.mark.req("SSO-05")
def test_a_code_works_once() -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    assert [guess(journey, code) for _ in range(3)] == ["right", "used", "used"]


@pytest.mark.req("SSO-05")
def test_the_fourth_guess_is_refused_although_right() -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    assert [guess(journey, wrong(code)) for _ in range(3)] == ["wrong", "wrong", "exhausted"]
    assert guess(journey, code) == "exhausted"


def test_the_third_guess_may_be_right() -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    assert [guess(journey, c) for c in (wrong(code), wrong(code), code)][-1] == "right"


@pytest.mark.req("SSO-05")
def test_a_code_lives_two_minutes(clock: Clock) -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    clock.forward(seconds=121)
    assert guess(journey, code) == "expired"


def test_a_new_code_replaces_the_old_one() -> None:
    journey = uuid.uuid4()
    old = issue_code(journey=journey, purpose="login", holder=MOTHER)
    new = issue_code(journey=journey, purpose="login", holder=MOTHER)
    if old != new:
        assert guess(journey, old) == "wrong"
    assert guess(journey, new) == "right"


def test_a_code_is_bound_to_journey_purpose_person_and_number() -> None:
    journey, other = uuid.uuid4(), uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    issue_code(journey=other, purpose="login", holder=MOTHER)
    OneTimeCode.objects.filter(name=f"{other}:login").update(
        digest=OneTimeCode.objects.get(name=f"{journey}:login").digest
    )
    assert guess(other, code) == "wrong"
    assert guess(journey, code, Holder(MOTHER.national_id, "+989120000002")) == "wrong"
    assert guess(journey, code, Holder("1010000020", MOTHER.mobile)) == "wrong"
    answer = redeem_code(journey=journey, purpose="registration", holder=MOTHER, guess=code)
    assert answer == "expired"


def test_only_a_keyed_digest_is_kept() -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    row = OneTimeCode.objects.values().get()
    assert all(secret not in str(row) for secret in (code, *vars(MOTHER).values()))


def test_a_guess_stays_spent_when_the_request_fails_later() -> None:
    """The statements commit by themselves: an error afterwards gives no guess back."""
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)

    def request_that_breaks() -> None:
        guess(journey, code)
        raise RuntimeError("later")

    with pytest.raises(RuntimeError):
        request_that_breaks()
    assert guess(journey, code) == "used"


def in_parallel(work: Callable[[int], Any], times: int) -> list[Any]:
    def one(number: int) -> Any:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.req("SSO-05")
@pytest.mark.django_db(transaction=True)
def test_fifty_parallel_guesses_count_fifty() -> None:
    journey = uuid.uuid4()
    code = issue_code(journey=journey, purpose="login", holder=MOTHER)
    verdicts = in_parallel(lambda _: guess(journey, wrong(code)), 50)
    assert verdicts.count("wrong") == policy().one_time_guesses - 1
    assert OneTimeCode.objects.get().guesses == 50
    assert guess(journey, code) == "exhausted"


@pytest.mark.django_db(transaction=True)
def test_one_of_many_parallel_right_codes_wins() -> None:
    for _ in range(10):
        journey = uuid.uuid4()
        code = issue_code(journey=journey, purpose="login", holder=MOTHER)
        verdicts = in_parallel(lambda _, j=journey, c=code: guess(j, c), 12)
        assert verdicts.count("right") == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_each_get_their_own_number() -> None:
    limit = Limit("test", "somebody", limits.HOUR, 5)

    def attempt(_: int) -> bool:
        try:
            limits.spend(limit)
        except LimitReached:
            return False
        return True

    assert in_parallel(attempt, 40).count(True) == 5
    assert "somebody" not in Counter.objects.get().name


@given(st.lists(st.integers(0, 7_200), max_size=30))
def test_no_hour_ever_gives_more_than_its_allowance(steps: list[int]) -> None:
    """Whatever the rhythm: at most twice the allowance, for an hour may touch two windows."""
    limit, at, passed = (
        Limit("rhythm", str(uuid.uuid4()), limits.HOUR, 5),
        datetime(2026, 11, 22, tzinfo=UTC),
        [],
    )
    for step in steps:
        at += timedelta(seconds=step)
        with patch.object(the_clock, "now", lambda moment=at: moment):
            try:
                limits.spend(limit)
            except LimitReached as reached:
                assert timedelta() < reached.retry_in <= limits.HOUR
            else:
                passed.append(at)
    for first in passed:
        window = [t for t in passed if first <= t < first + limits.HOUR]
        assert len(window) <= 10


def ask_for_code(walk: Walk, national_id: str) -> int:
    return int(walk.post("login", national_id=national_id).status_code)


@pytest.mark.req("SSO-05")
def test_sends_are_limited_per_person_with_a_page_that_says_how_long(
    browser: Client, exchange: ExchangeSide, clock: Clock
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    walks = [begin(browser, exchange) for _ in range(6)]
    assert [ask_for_code(w, mother.national_id) for w in walks] == [302] * 5 + [429]
    response = walks[0].post("login", national_id=mother.national_id)
    assert int(response["Retry-After"]) <= 3600
    assert "دقیقهٔ دیگر" in response.content.decode()
    clock.forward(hours=1)
    walk = begin(browser, exchange)
    assert ask_for_code(walk, mother.national_id) == 302


def test_an_unknown_person_meets_the_same_limit(browser: Client, exchange: ExchangeSide) -> None:
    walks = [begin(browser, exchange) for _ in range(6)]
    assert [ask_for_code(w, citizen(5).national_id) for w in walks] == [302] * 5 + [429]


def test_a_stranger_cannot_lock_the_browser_of_the_person(
    browser: Client, exchange: ExchangeSide
) -> None:
    mother = exchange.add(citizen(4711))  # nobody's late message of another test has this number
    registered(mother)
    walk = begin(browser, exchange)
    walk.post("login", national_id=mother.national_id)
    walk.post("login/code", code=walk.code_sent_to(mother.mobile))
    browser.get("/fa/sign-out/", **HOST)
    browser.post("/fa/sign-out/", **HOST)

    stranger = Client()
    answers = [ask_for_code(begin(stranger, exchange), mother.national_id) for _ in range(8)]
    assert answers[-1] == 429
    assert ask_for_code(begin(browser, exchange), mother.national_id) == 302


def test_one_network_cannot_ask_for_everybody(browser: Client, exchange: ExchangeSide) -> None:
    most = policy().sends_per_address_and_hour
    people = [citizen(n).national_id for n in range(10, 10 + most + 1)]
    walk = begin(browser, exchange)
    answers = [
        walk.client.post(
            walk.at("login"), {"national_id": who}, REMOTE_ADDR=f"203.0.113.{n}", **HOST
        ).status_code
        for n, who in enumerate(people)
    ]
    assert answers == [302] * most + [429]
    elsewhere = walk.client.post(
        walk.at("login"), {"national_id": people[0]}, REMOTE_ADDR="198.51.100.1", **HOST
    )
    assert elsewhere.status_code == 302


@pytest.mark.parametrize(
    ("hops", "forwarded", "network"),
    [
        (0, "198.51.100.7", "203.0.113.0/24"),
        (1, "198.51.100.7", "198.51.100.0/24"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.0/24"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.0/24"),
        (2, "198.51.100.7", "203.0.113.0/24"),
        (1, "", "203.0.113.0/24"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(
    settings: Any, hops: int, forwarded: str, network: str
) -> None:
    settings.PROXY_HOPS = hops
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="203.0.113.9")
    assert visitor(request).address == network


def test_birth_dates_cannot_be_guessed_through_the_registration(
    browser: Client, exchange: ExchangeSide
) -> None:
    victim = exchange.add(citizen())
    victim.birth_date = "1970-01-01"
    walk = begin(browser, exchange, "register")
    walk.answer_all(citizen())
    answers = [
        walk.post("register/mobile", mobile=citizen().mobile).status_code
        for _ in range(policy().inquiries_per_hour)
    ]
    assert answers[-1] == 429
    assert exchange.calls.count(("civil-registry", "person")) == policy().inquiries_per_hour


def test_foreign_numbers_are_refused(registration: Walk) -> None:
    for number in ("+14155550100", "00442071838750", "1234"):
        page = registration.post("register/mobile", mobile=number).content.decode()
        assert "govuk-error-message" in page


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (lambda walk, clock, code: [walk.post("login/code", code=wrong(code))] * 1, "آخرین پیامک"),
        (lambda walk, clock, code: clock.forward(minutes=3), "وقت این کد گذشته"),
        (
            lambda walk, clock, code: [walk.post("login/code", code=wrong(code)) for _ in "123"],
            "سه بار",
        ),
    ],
)
def test_each_way_of_failing_has_its_words(
    login: Walk, exchange: ExchangeSide, clock: Clock, prepare: Any, told: str
) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    login.post("login", national_id=mother.national_id)
    code = login.code_sent_to(mother.mobile)
    prepare(login, clock, code)
    page = login.post("login/code", code=wrong(code)).content.decode()
    assert told in page
    assert login.at("login/resend") in page, "a new code is one press away"


def test_a_used_code_says_so(login: Walk, exchange: ExchangeSide) -> None:
    mother = exchange.add(citizen())
    registered(mother)
    login.post("login", national_id=mother.national_id)
    code = login.code_sent_to(mother.mobile)
    login.post("login/code", code=code)
    assert "استفاده شده" in login.post("login/code", code=code).content.decode()
