"""The exchange's register: what publishers tell, what it shows to whom, and periods of lists."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from conftest import Clock
from country import CHANGED, Country, carry, change, customer, person, publish
from django.test import Client
from django.utils.timezone import localdate
from playwright.sync_api import Browser
from support.browser import assert_page_is_sound

from panjereh.common.identifiers import InvalidIdentifier, legal_id_check_digit
from panjereh.common.problems import Problem
from panjereh.exchange.feeds import actions, queries
from panjereh.exchange.feeds.models import (
    ListEntry,
    ListPeriod,
    Publication,
    PublishedDay,
    PublishedPage,
    Subscription,
)
from panjereh.exchange.models import PolicyState, System
from panjereh.sandbox.appointments import appointed
from panjereh.sandbox.privatisation import sheet_announced
from panjereh.sandbox.seed.exchange import operator_national_id
from panjereh.sdk.feeds.publishing import actions as publishing
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

LIST = "privatisation-list"
_numbers = itertools.count(1_000_000_001)


def publication(code: str = "changed-identity") -> Publication:
    return Publication.objects.get(code=code)


def legal_id() -> str:
    first_ten = str(next(_numbers))
    return first_ten + legal_id_check_digit(first_ten)


def signed_in(national_id: str) -> Client:
    client = Client()
    session = client.session
    person = Person(
        sub=national_id, acr="urn:panjereh:level:1", national_id=national_id, given_name="آزما"
    )
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client


def representative(of_system: str) -> Client:
    return signed_in(appointed(f"representative:{of_system}", localdate()).national_id)


@pytest.fixture
def operator() -> Client:
    return signed_in(operator_national_id())


@pytest.fixture
def published(country: Country) -> Country:
    """Two files are out; one subscriber has taken the first of them only."""
    country.follow()
    change(customer())
    publish()
    country.follow()
    change(person())
    publish()
    return country


def test_the_register_knows_the_sheet_as_it_was_announced(country: Country) -> None:
    found = publication()
    assert (found.frequency, found.same_day, found.approval_row) == ("daily", True, "26-4-2")
    assert [c["name"] for c in found.columns] == ["national_id_token", "change_date"]
    assert [p.number for p in found.phases.all()] == [1, 2]


def test_what_is_told_twice_is_entered_once(country: Country) -> None:
    told: dict[str, Any] = {
        "sequence": 1,
        "day": "2026-11-22",
        "changes": 3,
        "late": 0,
        "published_at": "2026-11-22T08:00:00+00:00",
        "digests": {},
        "last_sequence": 1,
        "closed_at": "2026-11-22T20:30:10+00:00",
    }
    for _ in range(2):
        actions.enter_page(publication(), told)
        actions.enter_day(publication(), told)

    assert PublishedPage.objects.count() == PublishedDay.objects.count() == 1


def test_the_register_sees_who_lags(published: Country) -> None:
    (line,) = [line for line in _lines() if line.publication.code == "changed-identity"]
    assert (line.changes_today, line.behind) == (2, 1)
    behind = {f.subscription.consumer.code: f.behind for f in queries.followers(publication())}
    assert line.subscribers == len(behind)
    assert {code for code, files in behind.items() if files} == {"sso"}

    published.follow()
    assert {f.behind for f in queries.followers(publication())} == {0}


def _lines() -> list[queries.Line]:
    return queries.lines(Publication.objects.all())


def test_a_subscriber_that_does_not_ask_is_seen(published: Country, clock: Clock) -> None:
    (ours,) = [f for f in queries.followers(publication()) if f.behind]
    assert not ours.silent
    clock.forward(minutes=11)
    assert ours.silent


def test_news_that_come_late_do_not_turn_a_subscriber_back(published: Country) -> None:
    ours = Subscription.objects.get(publication=publication(), consumer__code="sso")
    consumer = ours.consumer.x_road_id
    old = {"consumer": consumer, "taken": 0, "trouble": "gap"}

    actions.enter_position(publication(), old | {"asked_at": "2026-01-01T00:00:00+00:00"})

    ours.refresh_from_db()
    assert (ours.sequence, ours.trouble) == (1, "")


def test_a_file_whose_news_never_came_is_a_gap(published: Country) -> None:
    assert queries.missing_numbers(publication()) == 0
    change(person())
    publish()
    PublishedPage.objects.filter(sequence=2).delete()
    assert queries.missing_numbers(publication()) == 1


@pytest.mark.req("NIX-15")
def test_a_day_that_was_not_closed_in_time_is_a_missed_promise(
    country: Country, clock: Clock
) -> None:
    for _ in range(2):
        clock.forward(days=1)
        publishing.close_days(CHANGED)
        carry()
    midnight = localdate(clock.now())
    assert [d.missed for d in queries.days(publication())][:1] == [_in_the_first_minutes(clock)]
    clock.forward(days=2)

    days = queries.days(publication())

    assert [day.day for day in days][:2] == [midnight + timedelta(1), midnight]
    assert [day.missed for day in days][:2] == [True, True]  # nobody closed them
    assert any(line.missed for line in _lines())


def _in_the_first_minutes(clock: Clock) -> bool:
    """The clock was turned by whole days; a day is closed in time only right after midnight."""
    from django.utils.timezone import localtime

    now = localtime(clock.now())
    return (now.hour, now.minute) > (0, 15)


@pytest.mark.req("NIX-15")
def test_a_change_that_is_told_late_is_a_missed_promise(country: Country, clock: Clock) -> None:
    PublishedDay.objects.all().delete()
    yesterday = localdate(clock.now()) - timedelta(days=1)
    told = {"day": yesterday.isoformat(), "last_sequence": 1, "changes": 1}
    at = f"{yesterday.isoformat()}T20:31:00+00:00"  # a minute after midnight in Tehran
    actions.enter_day(publication(), told | {"closed_at": at})
    assert [d.missed for d in queries.days(publication())] == [False]

    page = {"sequence": 1, "changes": 1, "late": 1, "digests": {}, "published_at": at}
    actions.enter_page(publication(), page | {"day": yesterday.isoformat()})

    assert [(d.late, d.missed) for d in queries.days(publication())] == [(1, True)]


@pytest.fixture
def a_list(country: Country) -> Iterator[str]:
    """Announced; its publisher's X-Road id."""
    from django.db import transaction

    with transaction.atomic():
        sheet_announced()
    carry()
    yield System.objects.get(code="privatisation").x_road_id


def period(month: str, *ids: str, **more: Any) -> actions.Period:
    facts: dict[str, Any] = {
        "list_code": LIST,
        "period": month,
        "identifiers": ids,
        "rows": len(ids),
        "exceptions": 0,
        "exceptions_due_on": None,
        "digest": "d",
    }
    return actions.Period(**(facts | more))


@pytest.mark.req("NIX-10", "NIX-03")
def test_of_a_period_only_tokens_are_kept(a_list: str) -> None:
    ids = [legal_id() for _ in range(3)]

    entered = actions.publish_period(a_list, period("1405-09", *ids, exceptions=2))

    tokens = [bytes(t) for t in entered.entries.values_list("token", flat=True)]
    assert len(set(tokens)) == 3 and {len(t) for t in tokens} == {16}
    assert not [i for i in ids if any(i.encode() in t for t in tokens)]
    assert (entered.rows, entered.exceptions, entered.state) == (3, 2, "current")


@pytest.mark.req("NIX-09", "NIX-10")
def test_only_the_newest_period_is_current_and_each_change_is_a_new_policy(a_list: str) -> None:
    one, other = legal_id(), legal_id()
    before = PolicyState.objects.get().version
    actions.publish_period(a_list, period("1405-08", one))
    actions.publish_period(a_list, period("1405-09", one, other))
    actions.publish_period(a_list, period("1405-09", one, other))  # nothing new
    actions.publish_period(a_list, period("1405-09", other))

    assert PolicyState.objects.get().version == before + 3
    states = dict(ListPeriod.objects.values_list("period", "state"))
    assert states == {"1405-08": "past", "1405-09": "current"}
    current = ListPeriod.objects.get(state="current")
    assert (current.revision, current.entries.count()) == (2, 1)
    with pytest.raises(Problem, match="period-past"):
        actions.publish_period(a_list, period("1405-08", one))


def test_the_register_shows_three_periods_before_the_current_one(a_list: str) -> None:
    for month in range(1, 8):
        actions.publish_period(a_list, period(f"1405-{month:02}", legal_id()))

    shown = [p.period for p in queries.periods(publication(LIST))]
    assert shown == ["1405-07", "1405-06", "1405-05", "1405-04"]


def test_a_list_is_published_by_its_publisher_and_nobody_else(a_list: str) -> None:
    with pytest.raises(Problem, match="not-its-publisher"):
        actions.publish_period("IR-TEST/GOV/1/other", period("1405-09", legal_id()))
    with pytest.raises(Problem, match="sheet-on-its-way"):
        actions.publish_period(a_list, period("1405-09", list_code="unheard-of"))
    assert not ListPeriod.objects.exists()


def test_an_id_with_a_wrong_check_digit_stops_the_whole_period(a_list: str) -> None:
    wrong = legal_id()[:-1] + "x"
    for bad in (wrong, "12345678901", "11111111111"):
        with pytest.raises(InvalidIdentifier):
            actions.publish_period(a_list, period("1405-09", legal_id(), bad))
    assert not ListEntry.objects.exists()


ADDRESSES = (
    "/fa/feeds/",
    "/fa/feeds/civil-registry/changed-identity/",
    "/fa/own-feeds/",
    "/fa/own-feeds/civil-registry/changed-identity/",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_for_operators_and_for_members_about_their_own(
    published: Country, operator: Client, address: str
) -> None:
    member = representative("sso")
    for_operators = "/own-" not in address

    assert operator.get(address).status_code == (200 if for_operators else 403)
    assert member.get(address).status_code == (403 if for_operators else 200)
    assert Client().get(address).status_code == 302


def test_a_member_sees_itself_and_its_publisher_sees_everybody(published: Country) -> None:
    address = "/en/own-feeds/civil-registry/changed-identity/"

    follower = representative("sso").get(address).content.decode()
    publisher = representative("civil-registry").get(address).content.decode()
    stranger = representative("red-crescent").get(address)

    assert "Single sign-on" in follower and "Health insurance services" not in follower
    assert "Single sign-on" in publisher and "Health insurance services" in publisher
    assert stranger.status_code == 404
    assert (
        "follows no publication"
        in representative("red-crescent").get("/en/own-feeds/").content.decode()
    )


def test_an_unknown_publication_is_no_page(published: Country, operator: Client) -> None:
    assert operator.get("/fa/feeds/civil-registry/person/").status_code == 404
    assert operator.post("/fa/feeds/").status_code == 405


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_pages_are_sound(
    published: Country, a_list: str, operator: Client, browser: Browser, language: str
) -> None:
    _make_it_lively(published)
    actions.publish_period(a_list, period("1405-08", legal_id()))
    due = date(2026, 12, 13)
    more = {"exceptions": 2, "exceptions_due_on": due}
    actions.publish_period(a_list, period("1405-09", legal_id(), **more))
    origin = published.env.public_urls["operator"]
    context = browser.new_context()
    cookie = operator.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": origin}])
    page = context.new_page()
    for place in ("", "civil-registry/changed-identity/", f"privatisation/{LIST}/"):
        answer = page.goto(f"{origin}/{language}/feeds/{place}")
        assert answer and answer.status == 200
        assert_page_is_sound(page)
    context.close()


def _make_it_lively(country: Country) -> None:
    """Every state that a subscriber can be shown in, and a day missed and kept."""
    for code, trouble in (("sso", "cut"), ("health-insurance", "")):
        Subscription.objects.filter(consumer__code=code).update(trouble=trouble, sequence=0)
    today = localdate()
    for days_ago in (1, 2):
        day = today - timedelta(days=days_ago)
        told = {"day": day.isoformat(), "last_sequence": 1, "changes": days_ago}
        at = f"{today.isoformat() if days_ago == 2 else day.isoformat()}T20:31:00+00:00"
        actions.enter_day(publication(), told | {"closed_at": at})
