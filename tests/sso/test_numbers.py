"""Reports: registered people, their levels, and the doors they came through."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from people import citizen, code_for, redeem, register_client, registered, sign_in

from panjereh.sso.models import AttainedLevel, Person
from panjereh.sso.numbers import queries

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def at(day: date, hour: int = 12) -> Any:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def joined(
    number: int, day: date, *, level: int = 1, level_on: date | None = None, **facts: Any
) -> Person:
    person = registered(citizen(number), registered_at=at(day), **facts)
    AttainedLevel.objects.filter(person=person).update(attained_at=at(day))
    for reached in range(2, level + 1):
        AttainedLevel.objects.create(
            person=person, level=reached, proof="test", attained_at=at(level_on or day)
        )
    return person


@pytest.mark.req("SSO-26")
def test_registered_people_are_counted_for_any_date() -> None:
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    joined(1, yesterday)
    joined(2, TODAY)
    joined(3, yesterday, closed_at=at(TODAY))
    assert queries.registered_on(yesterday - timedelta(days=1)) == 0
    assert queries.registered_on(yesterday) == 2
    assert queries.registered_on(TODAY) == 2
    assert queries.registered_on(tomorrow) == 2


@pytest.mark.req("SSO-26")
def test_each_person_counts_at_the_highest_level_reached_by_then() -> None:
    yesterday = TODAY - timedelta(days=1)
    joined(1, yesterday)
    joined(2, yesterday, level=2, level_on=TODAY)
    joined(3, yesterday, level=4)
    joined(4, yesterday, level=2, closed_at=at(TODAY))
    assert queries.registered_by_level(yesterday) == {1: 2, 2: 1, 4: 1}
    assert queries.registered_by_level(TODAY) == {1: 1, 2: 1, 4: 1}


def test_the_day_ends_in_tehran() -> None:
    joined(1, TODAY)
    Person.objects.update(registered_at=at(TODAY, 23))
    assert queries.registered_on(TODAY) == 1
    assert queries.registered_on(TODAY - timedelta(days=1)) == 0


@pytest.mark.req("SSO-28")
def test_registrations_and_logins_are_counted_per_entry(browser: Client) -> None:
    register_client("one")
    register_client("two")
    joined(1, TODAY, registered_through="one")
    joined(2, TODAY, registered_through="one")
    joined(3, TODAY)
    assert queries.registrations_by_entry(TODAY, TODAY) == {"one": 2, "": 1}

    sign_in(browser, registered(citizen(9)))
    now = timezone.localdate()
    for name in ("one", "one", "two"):
        redeem(browser, code_for(browser, client_id=name), client_id=name)
    code_for(browser, client_id="two")  # never redeemed: nobody came in
    assert queries.logins_by_entry(now, now) == {"one": 2, "two": 1}
    before = now - timedelta(days=1)
    assert queries.logins_by_entry(before, before) == {}
