"""Authentication at a distance, by the serial of the present identity card (SSO-24)."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from callers import CONSUMER, Gateway
from django.db import connection

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.civil.amendments import issue_card
from panjereh.registries.civil.authentication import TRIES, authenticate
from panjereh.registries.civil.models import Authentication
from panjereh.sdk import civil_registry, exchange

WRONG = "1A00000000"


def tried(person: Any, serial: str) -> bool:
    done = authenticate(national_id=person.pk, card_serial=serial, consumer=CONSUMER)
    return done.succeeded


@pytest.mark.req("SSO-24")
def test_the_present_card_proves_its_holder_and_an_older_one_does_not(
    new_person: Callable[..., Any],
) -> None:
    person, other = new_person(), new_person()
    old = issue_card(person).serial
    present = issue_card(person).serial

    assert tried(person, present)
    assert not tried(person, old)
    assert not tried(other, present)
    assert not tried(other, "")


def test_the_answer_over_the_exchange_is_yes_or_no_with_a_reference(
    new_person: Callable[..., Any], over_the_exchange: Callable[..., Any]
) -> None:
    person = new_person()
    serial = issue_card(person).serial

    yes = civil_registry.authenticate(person.pk, card_serial=serial)
    no = civil_registry.authenticate(person.pk, card_serial=WRONG)

    assert (yes.authenticated, no.authenticated) == (True, False)
    kept = Authentication.objects.get(pk=yes.reference)
    assert (kept.national_id, kept.consumer, kept.succeeded) == (person.pk, CONSUMER, True)


def test_a_person_whom_nobody_knows_is_refused(
    db: None, over_the_exchange: Callable[..., Any]
) -> None:
    with pytest.raises(exchange.Rejected, match="person-unknown"):
        civil_registry.authenticate("9002718284", card_serial=WRONG)


def test_after_five_failures_nobody_may_try_for_an_hour_also_with_the_right_serial(
    new_person: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    person = new_person()
    serial = issue_card(person).serial
    for _ in range(TRIES):
        assert not tried(person, WRONG)

    with pytest.raises(Problem, match="too-many-tries"):
        tried(person, serial)

    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert tried(person, serial)


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_counted_like_one_by_one(new_person: Callable[..., Any]) -> None:
    person = new_person()

    def guess(_: int) -> str:
        try:
            return "tried" if not tried(person, WRONG) else "right"
        except Problem as problem:
            return problem.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(20)))
    assert (outcomes.count("tried"), outcomes.count("too-many-tries")) == (TRIES, 15)


def test_the_dead_are_not_authenticated(new_person: Callable[..., Any]) -> None:
    person = new_person()
    serial = issue_card(person).serial
    person.died_on = person.birth_date
    person.save()
    assert not tried(person, serial)


@pytest.mark.parametrize("serial", ["", "7K4021596", "7k40215963", "7K4021596;", None, 5])
def test_what_is_no_serial_is_refused_without_a_try(
    new_person: Callable[..., Any], gateway: Gateway, serial: object
) -> None:
    body = {"national_id": new_person().pk, "card_serial": serial}

    answer = gateway.call("civil-registry", "authenticate", body)

    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "body-invalid")
    assert not Authentication.objects.exists()
