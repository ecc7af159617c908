"""A limit that stays passed makes one alert, told once; passed for a moment it makes none."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils.timezone import localdate
from parties import CONSUMER, OPERATOR, PROVIDER, Parties, signed_in
from pytest_django import Settings
from traffic import NOT_RECORDED, TIMEOUT, Books, failed, record

from panjereh.common import clock
from panjereh.common.outbox.models import OutboxEvent
from panjereh.exchange.feeds.models import Publication, PublishedDay
from panjereh.exchange.models import SystemKey
from panjereh.exchange.monitoring.actions import MINUTES_KEPT, forget_minutes
from panjereh.exchange.monitoring.alerts.actions import evaluate
from panjereh.exchange.monitoring.alerts.rules import Rule, rules
from panjereh.exchange.monitoring.alerts.signals import SIGNALS, Moment
from panjereh.exchange.monitoring.models import Alert, Day, Minute

MINUTE = timedelta(minutes=1)
BROKEN = "server.serverproxy.service_failed.not_json"


@pytest.fixture(autouse=True)
def quiet_log(tmp_path: Path, settings: Settings) -> None:
    settings.EVIDENCE = settings.EVIDENCE | {"folder": tmp_path}


def who(nation: Parties) -> dict[str, Any]:
    return {
        "consumer": nation.window.x_road_id,
        "provider": nation.registry.x_road_id,
        "grant_id": nation.grant.pk,
    }


def failing(nation: Parties, at: datetime) -> list[Any]:
    good = [record(at, **who(nation)) for _ in range(20)]
    return good + [failed("provider", BROKEN, at, **who(nation)) for _ in range(10)]


def told(rule: str) -> list[str]:
    return [alert.state for alert in Alert.objects.filter(rule=rule).order_by("began_at")]


def events(rule: str) -> list[str]:
    bodies = [msgspec.json.decode(bytes(e.body)) for e in OutboxEvent.objects.order_by("id")]
    return [
        b["type"]
        for b in bodies
        if b["type"].startswith("exchange.alert") and b["data"]["rule"] == rule
    ]


@pytest.mark.req("NIX-40", "OPS-02")
def test_a_service_that_keeps_failing_is_told_once_and_its_end_too(
    books: Books, nation: Parties
) -> None:
    now = clock.now()
    books.keep(failing(nation, now))

    evaluate(Moment(now))
    assert told("provider-failing") == ["waiting"]
    assert events("provider-failing") == []
    for minute in range(1, 4):
        evaluate(Moment(now + minute * MINUTE))
    assert told("provider-failing") == ["firing"]
    assert events("provider-failing") == ["exchange.alert.fired"]

    for minute in range(11, 40):  # the calls are older than the rule looks back
        evaluate(Moment(now + minute * MINUTE))
    assert told("provider-failing") == ["ended"]
    assert events("provider-failing") == ["exchange.alert.fired", "exchange.alert.ended"]


def test_what_passes_its_limit_for_a_moment_is_not_told(books: Books, nation: Parties) -> None:
    now = clock.now()
    books.keep(failing(nation, now))
    evaluate(Moment(now))
    books.keep([record(now, **who(nation)) for _ in range(100)])

    evaluate(Moment(now + MINUTE))

    assert told("provider-failing") == []
    assert events("provider-failing") == []


def test_a_value_that_jumps_around_its_limit_makes_one_alert(books: Books, nation: Parties) -> None:
    now = clock.now()
    books.keep(failing(nation, now))
    for minute in range(4):
        evaluate(Moment(now + minute * MINUTE))
    for minute in range(4, 20, 2):
        at = now + minute * MINUTE
        books.forget()
        books.keep([record(at, **who(nation)) for _ in range(100)])
        evaluate(Moment(at))
        books.keep([failed("provider", BROKEN, at, **who(nation)) for _ in range(80)])
        evaluate(Moment(at + MINUTE))

    assert told("provider-failing") == ["firing"]
    assert events("provider-failing") == ["exchange.alert.fired"]


def measured(rule: str, moment: Moment) -> dict[str, float]:
    found = rules()[rule]
    return {r.subject: r.value for r in SIGNALS[found.signal](found, moment)}


def broken(rule: str, moment: Moment) -> set[str]:
    return {s for s, value in measured(rule, moment).items() if rules()[rule].broken_by(value)}


@pytest.mark.req("NIX-40")
def test_a_provider_that_does_not_answer_is_found(books: Books, nation: Parties) -> None:
    books.keep([failed("provider", TIMEOUT, **who(nation)) for _ in range(3)])

    assert broken("provider-away", Moment(clock.now())) == {nation.person.x_road_id}


@pytest.mark.req("NIX-38")
def test_a_promise_that_is_not_kept_is_found(books: Books, nation: Parties) -> None:
    slow = [record(milliseconds=2500, **who(nation)) for _ in range(6)]
    books.keep([*slow, *[record(**who(nation)) for _ in range(60)]])

    assert broken("promise-broken", Moment(clock.now())) == {nation.person.x_road_id}


def test_a_service_called_every_day_but_not_now_is_found(books: Books, nation: Parties) -> None:
    now = clock.now()
    past = [record(now - timedelta(days=d), **who(nation)) for d in range(1, 8) for _ in range(25)]
    books.keep(past)
    assert broken("no-traffic", Moment(now)) == {nation.person.x_road_id}

    books.keep([record(now, **who(nation))])
    assert broken("no-traffic", Moment(now)) == set()


def test_a_service_that_rests_on_some_days_is_not_missed(books: Books, nation: Parties) -> None:
    now = clock.now()
    books.keep(
        [record(now - timedelta(days=d), **who(nation)) for d in range(1, 7) for _ in range(25)]
    )

    assert broken("no-traffic", Moment(now)) == set()


def test_failures_of_the_exchange_itself_are_found(books: Books, nation: Parties) -> None:
    good = [record(**who(nation)) for _ in range(30)]
    books.keep([*good, failed("gateway", NOT_RECORDED, **who(nation))])

    assert broken("exchange-failing", Moment(clock.now())) == {""}


def test_a_quota_that_is_nearly_used_is_found(books: Books, nation: Parties) -> None:
    minute = clock.now().replace(second=1)
    books.keep([record(minute, **who(nation)) for _ in range(95)])  # of 100 in a minute

    (subject,) = broken("quota-nearly-used", Moment(clock.now()))
    assert subject == f"{nation.window.x_road_id} → {nation.person.x_road_id}"


def test_grants_and_certificates_that_end_soon_are_found(nation: Parties) -> None:
    now = clock.now()
    nation.grant.__class__.objects.filter(pk=nation.grant.pk).update(state="obsolete")
    for days, system in ((10, nation.window), (10, nation.registry), (400, nation.registry)):
        SystemKey.objects.create(
            system=system, public_key=os.urandom(32).hex(), expires_at=now + timedelta(days=days)
        )

    assert broken("certificate-expiring", Moment(now)) == {nation.window.x_road_id}
    assert broken("grant-expiring", Moment(now)) == set()


def test_a_log_that_stands_still_is_found(books: Books, nation: Parties, tmp_path: Path) -> None:
    books.keep([record(**who(nation))])
    assert broken("evidence-stopped", Moment(clock.now())) == {""}

    (tmp_path / "checkpoint").write_text("new")
    assert broken("evidence-stopped", Moment(clock.now())) == set()

    old = time.time() - 300
    os.utime(tmp_path / "checkpoint", (old, old))
    assert broken("evidence-stopped", Moment(clock.now())) == {""}


@pytest.mark.req("NIX-15")
def test_publications_that_promise_the_same_day_are_watched(nation: Parties) -> None:
    publication = Publication.objects.create(
        system=nation.registry,
        code="deaths",
        kind="feed",
        title_fa="فوت",
        title_en="Deaths",
        told_fa="فوت",
        told_en="Deaths",
        frequency="daily",
        same_day=True,
        announced_at=clock.now(),
    )
    today = localdate(clock.now())
    for day in (2, 3):
        PublishedDay.objects.create(
            publication=publication,
            day=today - timedelta(days=day),
            last_sequence=1,
            changes=0,
            closed_at=clock.now() - timedelta(days=day - 1, hours=12),
        )

    assert set(measured("feed-late", Moment(clock.now()))) == {
        f"{nation.registry.x_road_id}/deaths"
    }


@pytest.mark.parametrize(("pending", "found"), [(None, set()), (3, set()), (5000, {""})])
def test_a_collector_that_lags_is_found(
    nation: Parties, pending: int | None, found: set[str]
) -> None:
    assert broken("collector-lags", Moment(clock.now(), pending)) == found


@pytest.mark.parametrize("rule", list(rules()))
def test_every_rule_can_be_evaluated_and_is_told_in_both_languages(
    nation: Parties, rule: str
) -> None:
    found = rules()[rule]

    assert list(SIGNALS[found.signal](found, Moment(clock.now(), 0))) is not None
    assert set(found.title) == set(found.what_to_do) == {"fa", "en"}


@pytest.mark.parametrize("limits", [{}, {"above": 1.0, "below": 1.0}])
def test_a_rule_without_one_limit_is_refused(limits: dict[str, float]) -> None:
    words = {"fa": "نمونه", "en": "Sample"}
    with pytest.raises(ValueError, match="one limit"):
        Rule(
            code="x",
            signal="away",
            title=words,
            what_to_do=words,
            tell="nobody",
            for_minutes=0,
            clear_minutes=0,
            **limits,
        )


@pytest.mark.req("NIX-40", "PRV-01")
def test_operators_see_all_alerts_and_a_member_those_it_is_told_of(
    books: Books, nation: Parties, client: Client
) -> None:
    now = clock.now()
    books.keep(failing(nation, now))
    for minute in range(3):
        evaluate(Moment(now + minute * MINUTE))
    title = "A service does not answer correctly"

    def page(path: str, national_id: str) -> str:
        return signed_in(client, national_id).get(f"/en/{path}").content.decode()

    for path in ("monitoring/", "monitoring/alerts/"):
        assert title in page(path, OPERATOR)
    for path in ("own-traffic/", "own-traffic/alerts/"):
        assert title in page(path, PROVIDER)
        assert title not in page(path, CONSUMER)
    for path in ("monitoring/alerts/", "own-traffic/alerts/"):
        assert Client().get(f"/en/{path}").status_code == 302
    assert signed_in(client, PROVIDER).get("/en/monitoring/alerts/").status_code == 403
    assert signed_in(client, OPERATOR).get("/en/own-traffic/alerts/").status_code == 403


def test_minutes_of_long_ago_are_dropped_and_days_stay(books: Books, nation: Parties) -> None:
    now = clock.now()
    books.keep([record(now), record(now - MINUTES_KEPT - timedelta(days=1))])

    forget_minutes(now)

    assert Minute.objects.count() == 1
    assert Day.objects.count() == 2


def test_a_reading_that_vanishes_ends_its_alert(nation: Parties) -> None:
    now = clock.now()
    SystemKey.objects.create(
        system=nation.window, public_key=os.urandom(32).hex(), expires_at=now + timedelta(days=3)
    )
    evaluate(Moment(now))
    assert told("certificate-expiring") == ["firing"]
    SystemKey.objects.update(withdrawn_at=now)

    evaluate(Moment(now + MINUTE))

    assert told("certificate-expiring") == ["ended"]
