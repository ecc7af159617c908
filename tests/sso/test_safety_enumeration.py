"""Nothing tells a stranger who has an account (row 18): not text, status, size, cookies, headers,
messages, nor the work that is done. The speed is measured by bench/sso/enumeration.py."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from exchange_side import Citizen, ExchangeSide
from people import Walk, begin, citizen, registered

from panjereh.common import clock
from panjereh.sso.one_time import sending
from panjereh.sso.safety.closing import purge_due
from panjereh.sso.safety.models import Closure
from panjereh.sso.safety.numbers import suspend_number

pytestmark = pytest.mark.django_db


def closed_by_the_registry(of: Citizen) -> None:
    registered(of, closed_at=clock.now())


def closed_by_the_person(of: Citizen) -> None:
    person = registered(of, closed_at=clock.now())
    Closure.objects.create(person=person, closed_at=clock.now(), purge_at=clock.now())


def forgotten(of: Citizen) -> None:
    closed_by_the_person(of)
    assert purge_due() == 1


def number_lost(of: Citizen) -> None:
    suspend_number(registered(of).id, mobile=of.mobile, reason="lost")


def reported(of: Citizen) -> None:
    suspend_number(registered(of).id, mobile=of.mobile, reason="reported")


def child(of: Citizen) -> None:
    registered(of, mobile="", mobile_confirmed_at=None)


def unknown(of: Citizen) -> None:
    """Nobody registers them."""


STATES: list[Callable[[Citizen], object]] = [
    unknown,
    closed_by_the_registry,
    closed_by_the_person,
    forgotten,
    number_lost,
    reported,
    child,
]


@dataclass
class Trace:
    """What a stranger can see of a login, and what it made us do before the answer."""

    answers: list[tuple[int, str, dict[str, str], list[str]]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    errands: int = 0


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Work that goes aside is only counted here; what it does nobody waits for."""
    works: list[Callable[[], None]] = []
    monkeypatch.setattr(sending, "aside", works.append)
    return works


def trace(exchange: ExchangeSide, of: Citizen, held: list[Callable[[], None]]) -> Trace:
    held.clear()
    client, found = Client(), Trace()
    walk = begin(client, exchange)
    steps: list[Callable[[], Any]] = [
        lambda: walk.post("login", national_id=of.national_id),
        lambda: walk.get("login/code"),
        lambda: walk.post("login/code", code="000000"),
        lambda: walk.post("login/resend"),
        lambda: walk.get("login/code"),
        *[lambda: walk.post("login/code", code="000000")] * 4,
        lambda: walk.get("login"),
        lambda: walk.get("continue"),
    ]
    with CaptureQueriesContext(connection) as queries:
        found.answers = [seen(step(), walk) for step in steps]
    found.statements = [shape(query["sql"]) for query in queries]
    found.errands = len(held)
    return found


def seen(answer: Any, walk: Walk) -> tuple[int, str, dict[str, str], list[str]]:
    headers = {name: plain(value, walk) for name, value in answer.headers.items()}
    return answer.status_code, plain(answer.content.decode(), walk), headers, sorted(answer.cookies)


def plain(text: str, walk: Walk) -> str:
    """Without what differs from visit to visit."""
    return re.sub(r"value=\"\w{64}\"|nonce-[\w+/=-]+", "", text.replace(str(walk.journey), ""))


def shape(sql: str) -> str:
    return re.sub(r"'[^']*'|\b\d+\b|NULL", "?", sql)


@pytest.mark.parametrize("state", STATES)
def test_a_login_looks_and_costs_the_same_whoever_it_is_for(
    exchange: ExchangeSide,
    held: list[Callable[[], None]],
    state: Callable[[Citizen], object],
) -> None:
    mother, other = exchange.add(citizen(1)), exchange.add(citizen(2))
    registered(mother)
    state(other)
    hers, theirs = trace(exchange, mother, held), trace(exchange, other, held)
    assert theirs.answers == hers.answers
    assert theirs.statements == hers.statements
    assert theirs.errands == hers.errands == 2


@pytest.mark.parametrize("state", STATES)
def test_nobody_without_a_working_account_gets_a_message(
    exchange: ExchangeSide, state: Callable[[Citizen], object]
) -> None:
    other = exchange.add(citizen(2))
    state(other)
    begin(Client(), exchange).post("login", national_id=other.national_id)
    assert exchange.messages == []


@pytest.mark.parametrize("state", STATES)
def test_the_waiting_page_comes_as_soon_whoever_it_is_for(
    exchange: ExchangeSide,
    held: list[Callable[[], None]],
    state: Callable[[Citizen], object],
) -> None:
    mother, other = citizen(1), citizen(2)
    registered(mother)
    state(other)

    def answers(of: Citizen) -> list[tuple[int, str]]:
        walks = [begin(Client(), exchange) for _ in range(7)]
        found = [walk.post("login", national_id=of.national_id) for walk in walks]
        return [(one.status_code, one.headers.get("Retry-After", "")[:2]) for one in found]

    assert answers(mother) == answers(other)


def test_a_registration_tells_of_an_account_only_to_who_holds_the_number(
    exchange: ExchangeSide,
) -> None:
    """Up to the code, somebody with an account and somebody without see the same pages."""
    mother, other = exchange.add(citizen(1)), exchange.add(citizen(2))
    registered(mother)

    def pages(of: Citizen) -> list[tuple[int, str]]:
        walk = begin(Client(), exchange, "register")
        last = walk.answer_all(of)
        shown = [last, walk.get("register/code"), walk.post("register/code", code="000000")]
        masked = [plain(one.content.decode(), walk) for one in shown]
        ends = [of.mobile[-4:], "".join(chr(ord(c) - 48 + 0x6F0) for c in of.mobile[-4:])]
        for end in ends:
            masked = [text.replace(end, "") for text in masked]
        return [(one.status_code, text) for one, text in zip(shown, masked, strict=True)]

    assert pages(mother) == pages(other)
