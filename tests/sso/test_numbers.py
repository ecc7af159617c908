"""Reports: registered people, their levels, and the doors they came through."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from conftest import Clock
from django.test import Client
from django.utils import timezone
from people import citizen, code_for, redeem, register_client, registered, sign_in

from panjereh.sso.ledger.actions import let_read
from panjereh.sso.models import AttainedLevel, Grant, Person, SignIn
from panjereh.sso.numbers import actions as counting
from panjereh.sso.numbers import queries
from panjereh.sso.numbers.actions import count_day, count_due
from panjereh.sso.numbers.models import Change, CountedDay, Entry
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.people.models import Guardianship
from panjereh.sso.registry_news.models import Closing
from panjereh.sso.safety.models import Closure

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


# Days that were counted


YESTERDAY = timezone.localdate() - timedelta(days=1)


def some_history(browser: Client) -> None:
    """Every way in which a number can change, over four days."""
    days = [YESTERDAY - timedelta(days=n) for n in range(4)]
    joined(1, days[3], level=2, level_on=days[1])
    joined(2, days[3], closed_at=at(days[2]))
    joined(3, days[2], level=3, registered_through="one")
    foreigner = joined(4, days[1], kind="fida", national_id="1" * 12, registered_through="two")
    back = joined(5, days[3], level=2)
    Closure.objects.create(
        person=back, closed_at=at(days[2]), purge_at=at(days[0]), back_at=at(days[0], 8)
    )
    dead = joined(6, days[3], closed_at=at(days[1]))
    Closing.objects.create(
        person=dead, ground="deceased", feed="f", sequence=1, request_id="r", closed_at=at(days[1])
    )
    child = joined(7, days[2])
    Guardianship.objects.create(
        child=child, guardian=foreigner, ground="father", began_at=at(days[2])
    )
    Organisation.objects.create(
        legal_id="14003778990",
        name="شرکت",
        kind="company",
        registered_at=at(days[1]),
        registered_by=foreigner,
    )
    register_client("one")
    sign_in(browser, registered(citizen(9)))
    redeem(browser, code_for(browser, client_id="one"), client_id="one")
    Grant.objects.update(issued_at=at(days[1]))
    SignIn.objects.update(at=at(days[1]))


def everything() -> Any:
    """All numbers of the last days, and of the running one."""
    span = [YESTERDAY - timedelta(days=n) for n in range(-1, 6)]
    stocks = [queries.registered(day).by_place for day in span]
    return stocks, [sorted(queries.entries(day, day).rows, key=str) for day in span]


@pytest.mark.req("SSO-26", "SSO-28")
def test_what_was_counted_equals_what_the_rows_say(browser: Client) -> None:
    some_history(browser)
    from_rows = everything()
    assert count_due() == 4
    assert CountedDay.objects.count() == 4
    assert everything() == from_rows
    assert queries.registered(YESTERDAY).by_kind == {
        "foreign": 1,
        "legal": 1,
        "minor": 1,
        "national": 3,
    }
    assert queries.registered(YESTERDAY - timedelta(days=1)).by_level == {1: 2, 2: 1, 3: 1}
    assert queries.registered_by_level(YESTERDAY) == {1: 2, 2: 2, 3: 1}, "one came back"


def test_counting_again_changes_nothing(browser: Client) -> None:
    some_history(browser)
    count_due()
    before = everything()
    assert count_due() == 0
    for day in CountedDay.objects.values_list("day", flat=True):
        count_day(day)
    assert everything() == before


def test_a_worker_that_dies_leaves_the_earlier_count_whole(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_history(browser)
    before = everything()

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(counting, "entries_in", dies)
        count_due()
    assert not Change.objects.exists()
    assert everything() == before
    count_due()
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(counting, "entries_in", dies)
        count_day(YESTERDAY - timedelta(days=1))
    assert everything() == before


def test_rows_that_come_late_are_counted_when_the_day_is_counted_anew(
    browser: Client, clock: Clock
) -> None:
    some_history(browser)
    count_due()
    known = queries.registered_on(YESTERDAY)
    joined(20, YESTERDAY - timedelta(days=1), level=2, level_on=YESTERDAY)
    count_due()
    assert queries.registered_on(YESTERDAY) == known, "an hour has not passed"
    clock.forward(hours=1, minutes=1)
    count_due()
    assert queries.registered_on(YESTERDAY) == known + 1
    from_counts = everything()
    CountedDay.objects.all().delete()
    Change.objects.all().delete()
    Entry.objects.all().delete()
    assert everything() == from_counts


def test_numbers_of_the_past_outlive_the_rows_they_were_counted_from(browser: Client) -> None:
    some_history(browser)
    count_due()
    Grant.objects.all().delete()  # swept after their time
    assert queries.logins_by_entry(YESTERDAY - timedelta(days=1), YESTERDAY) == {"one": 1}


def test_reading_one_s_own_ledger_is_no_login(browser: Client) -> None:
    register_client()
    let_read("window", actor="test")
    sign_in(browser, registered(citizen(9)))
    redeem(browser, code_for(browser, scope="openid releases"))
    now = timezone.localdate()
    assert queries.logins_by_entry(now, now) == {}
    assert queries.entries(now, now).by_detail("proof") == {"sms": 1}
