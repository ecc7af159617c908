"""The subscriber's side, over a real gateway under the sandbox's own grants."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from conftest import Clock
from country import (
    CHANGED,
    DECEASED,
    HERE,
    Country,
    change,
    customer,
    person,
    publish,
    told,
)
from django.db import connection
from django.utils.timezone import localdate
from noting import note, noted

from panjereh.exchange.feeds.models import Subscription
from panjereh.exchange.models import CallRecord, Grant
from panjereh.registries.civil import amendments
from panjereh.sdk.exchange import Rejected, call
from panjereh.sdk.feeds.files import File, Listed
from panjereh.sdk.feeds.following import actions, fetching, index
from panjereh.sdk.feeds.following.actions import FileRefused
from panjereh.sdk.feeds.following.models import (
    Customer,
    CustomerToken,
    FeedKey,
    Position,
    TakenFile,
)
from panjereh.sdk.feeds.publishing import actions as publishing
from panjereh.sdk.feeds.publishing import queries
from panjereh.sdk.feeds.publishing.models import Change, Feed, Page


def position(feed: str = CHANGED) -> Position:
    return Position.objects.get(pk=feed)


@pytest.mark.req("NIX-11", "NIX-12", "NIX-15")
def test_a_subscriber_finds_its_own_customers_and_nobody_else(country: Country) -> None:
    country.follow()
    ours, stranger = customer(), person()
    for who in (stranger, ours):
        change(who)
    number = publish()

    assert country.follow()

    assert noted() == [(ours.pk, number)]
    assert TakenFile.objects.get().matched == 1
    assert position().trouble == ""
    kept = {c.national_id for c in Customer.objects.all()}
    assert kept == {t.national_id for t in CustomerToken.objects.all()} == {ours.pk}


def test_taking_the_same_again_applies_nothing_twice(country: Country) -> None:
    country.follow()
    ours = customer()
    change(ours)
    publish()

    for _ in range(3):
        country.follow()

    assert told() == [ours.pk]


def test_a_death_and_its_withdrawal_arrive_in_order(country: Country) -> None:
    country.follow()
    ours = customer()
    today = localdate()
    amendments.record_death(national_id=ours.pk, died_on=today, actor="a", reason="r")
    publish(DECEASED)
    amendments.withdraw_death(national_id=ours.pk, actor="a", reason="r")
    publish(DECEASED)

    country.follow()

    with connection.cursor() as cursor:
        cursor.execute("SELECT feed, state FROM noted ORDER BY sequence")
        assert cursor.fetchall() == [(DECEASED, "deceased"), (DECEASED, "alive")]


@pytest.mark.req("NIX-03")
def test_the_exchange_keeps_no_identifier_no_token_and_a_record_of_every_delivery(
    country: Country,
) -> None:
    country.follow()
    ours = customer()
    change(ours)
    publish()
    country.follow()
    country.records(at_least=6)

    (taken,) = TakenFile.objects.all()
    record = CallRecord.objects.get(request_id=taken.request_id)
    assert (record.service, record.path_template, record.status) == (
        "changed-identity",
        "/pages",
        200,
    )
    assert record.response_digest
    tokens = [bytes(t.token).hex() for t in CustomerToken.objects.all()]
    secrets = [ours.pk, *tokens, ours.family_name]
    for table in _tables_of_the_exchange():
        for secret in secrets:
            assert secret not in table
    log = country.log.read_text()
    assert not [secret for secret in secrets if secret in log]


def _tables_of_the_exchange() -> list[str]:
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        texts = []
        for name in names:
            if name.startswith(("exchange_", "feeds_", "outbox_")):
                cursor.execute(f"SELECT t::text FROM {name} t")
                texts.append("\n".join(row[0] for row in cursor.fetchall()))
    assert any("changed-identity" in text for text in texts)
    return texts


def test_a_file_that_is_cut_in_the_middle_is_refused_and_taken_when_it_is_whole(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    country.follow()
    ours = customer()
    change(ours)
    number = publish()
    whole = queries.file_for

    def cut(subscriber: Any, page: Page) -> File:
        file = whole(subscriber, page)
        return msgspec.structs.replace(file, changes=file.changes[:7])

    monkeypatch.setattr(queries, "file_of", lambda s, n: cut(s, Page.objects.get(sequence=n)))
    assert not country.follow()

    assert (position().sequence, position().trouble) == (number - 1, "cut")
    assert told() == []
    country.follow()  # the next question tells the publisher, and the publisher the exchange
    assert _subscription().trouble == "cut"
    monkeypatch.undo()
    assert country.follow()
    assert told() == [ours.pk]
    assert _subscription().trouble == ""


def _subscription() -> Subscription:
    return Subscription.objects.get(publication__code="changed-identity", consumer__code="sso")


def test_a_digest_that_was_forged_with_the_file_is_refused_by_the_manifest(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    country.follow()
    change(customer())
    publish()
    whole = queries.file_of

    def forged(subscriber: Any, number: int) -> File:
        file = whole(subscriber, number)
        less = msgspec.structs.replace(file, changes=file.changes[1:])
        return msgspec.structs.replace(less, digest=queries.digest_of(less))

    monkeypatch.setattr(queries, "file_of", forged)

    assert not country.follow()
    assert position().trouble == "cut"


def test_a_missing_number_stops_the_subscriber_where_it_stands(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    country.follow()
    first, second = customer(), customer()
    for who in (first, second):
        change(who)
        publish()
    whole = queries.manifest

    def with_gap(subscriber: Any, after: int) -> Any:
        made = whole(subscriber, after)
        return msgspec.structs.replace(made, pages=made.pages[1:])

    monkeypatch.setattr(queries, "manifest", with_gap)
    assert not country.follow()
    assert (position().sequence, position().trouble) == (0, "gap")
    assert told() == []

    monkeypatch.undo()
    country.follow()
    assert told() == [first.pk, second.pk]


def test_a_publisher_that_was_set_back_is_noticed(country: Country) -> None:
    """Restored from an old copy, it would give the same numbers to other changes."""
    country.follow()
    for _ in range(2):
        change(customer())
        publish()
    country.follow()
    Change.objects.update(page=None)
    Page.objects.all().delete()
    Feed.objects.update(sequence=0)

    assert not country.follow()
    assert (position().sequence, position().trouble) == (2, "gap")


def test_a_replayed_file_is_refused(country: Country) -> None:
    country.follow()
    ours = customer()
    change(ours)
    publish()
    country.follow()
    file = msgspec.convert(
        call("civil-registry", "changed-identity/pages", {"sequence": 1}), File, strict=False
    )
    listed = Listed(sequence=1, day=file.day, epoch=file.epoch, digest=file.digest)

    with pytest.raises(FileRefused, match="replayed"):
        actions.apply_file(file, listed, request_id="", handler=note)

    assert told() == [ours.pk]
    later = msgspec.structs.replace(listed, sequence=3)
    with pytest.raises(FileRefused, match="foreign"):
        actions.apply_file(file, later, request_id="", handler=note)


def test_a_file_of_another_subscriber_tells_nothing(country: Country) -> None:
    """It has its own key: not one of our customers is found with ours."""
    country.follow()
    ours = customer()
    change(ours)
    number = publish()
    other = queries.subscriber_for(CHANGED, _x_road_id("civil-registration-window"))
    file = queries.file_of(other, number)
    listed = Listed(sequence=number, day=file.day, epoch=file.epoch, digest=file.digest)

    actions.apply_file(file, listed, request_id="", handler=note)

    assert told() == []


def _x_road_id(code: str) -> str:
    from panjereh.exchange.models import System

    return System.objects.get(code=code).x_road_id


def test_a_key_that_changes_in_between_loses_nobody(country: Country, clock: Clock) -> None:
    country.follow()
    ours = customer()
    change(ours)
    first = publish()
    publishing.rotate_keys(feed_name=CHANGED, starts_on=localdate(clock.now()) + timedelta(days=1))
    country.follow()
    assert FeedKey.objects.filter(feed=CHANGED, indexed_at=None).count() == 0
    assert FeedKey.objects.filter(feed=CHANGED).count() == 2  # ready before its day

    newcomer = customer()
    change(ours)
    second = publish()
    clock.forward(days=1)
    publishing.close_days(CHANGED)
    for who in (ours, newcomer):
        change(who)
    third = publish()
    country.follow()

    assert noted() == sorted(
        [(ours.pk, first), (ours.pk, second), (ours.pk, third), (newcomer.pk, third)],
        key=lambda row: (row[1], row[0]),
    )
    assert {t.epoch for t in FeedKey.objects.filter(feed=CHANGED)} == {1, 2}
    clock.forward(days=8)
    publishing.close_days(CHANGED)
    country.follow()
    assert {t.epoch for t in FeedKey.objects.filter(feed=CHANGED)} == {2}
    assert CustomerToken.objects.filter(key__feed=CHANGED).count() == 2


def test_a_key_that_was_sealed_for_somebody_else_is_not_kept(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(customer())
    publish()
    from nacl.signing import SigningKey

    stranger = SigningKey.generate().verify_key.encode().hex()
    real = queries.seal
    monkeypatch.setattr(queries, "seal", lambda key, public_key: real(key, stranger))

    assert not country.follow()
    assert position().trouble == "no-key"
    assert not FeedKey.objects.exists()


def test_after_days_away_everything_is_taken_in_order(country: Country, clock: Clock) -> None:
    country.follow()
    people = [customer() for _ in range(12)]
    for day in range(10):
        for who in people:
            change(who)
            publish()
        clock.forward(days=1)
        publishing.close_days(CHANGED)
        assert day >= 0

    assert country.follow()

    assert position().sequence == 120 > queries.LISTED_AT_ONCE
    assert [number for _, number in noted()] == list(range(1, 121))
    assert position().closed_day == localdate(clock.now()) - timedelta(days=1)
    assert _subscription().sequence == 120


@pytest.mark.req("NIX-14")
def test_a_subscriber_whose_phase_is_not_open_is_refused_and_told_so(
    country: Country, clock: Clock
) -> None:
    tomorrow = localdate(clock.now()) + timedelta(days=1)
    phase = Feed.objects.get(pk=CHANGED).phases.get(number=2)
    publishing.open_phase(feed_name=CHANGED, number=2, opens_on=tomorrow, members=phase.members)

    assert not country.follow()

    assert position().trouble == "not-in-phase"
    with pytest.raises(Rejected, match="phase-not-open"):
        call("civil-registry", "changed-identity/manifest", {"after": 0})
    clock.forward(days=1)
    assert country.follow()


def test_who_has_no_grant_is_refused_by_the_exchange(country: Country) -> None:
    country.speak_as("red-crescent")

    assert not country.follow()
    assert position().trouble == "no-grant"


def test_a_revoked_grant_ends_the_subscription_at_the_publisher_as_well(country: Country) -> None:
    from panjereh.exchange.feeds.actions import tell_subscribers
    from panjereh.sdk.feeds.publishing.models import Subscriber

    consumer = _x_road_id("health-insurance")
    grant = Grant.objects.get(consumer__code="health-insurance", service__code="changed-identity")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Grant.objects.filter(pk=grant.pk).update(state="revoked")
        told_of = tell_subscribers()
        Grant.objects.filter(pk=grant.pk).update(state="active")
        cursor.execute("SET session_replication_role = origin")
    from country import carry

    carry()

    assert told_of == 1
    assert Subscriber.objects.get(feed=CHANGED, consumer=consumer).ended_at is not None


def test_an_exchange_that_is_away_is_waited_for(country: Country, settings: Any) -> None:
    country.follow()
    ours = customer()
    change(ours)
    publish()
    right = settings.EXCHANGE_URL
    settings.EXCHANGE_URL = "http://127.0.0.1:9"

    assert not country.follow()
    assert position().trouble == "away"

    settings.EXCHANGE_URL = right
    assert country.follow()
    assert told() == [ours.pk]


def test_a_handler_with_a_fault_holds_up_its_own_feed_only(
    country: Country, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    country.follow()
    ours = customer()
    change(ours)
    publish()
    amendments.record_death(national_id=ours.pk, died_on=localdate(), actor="a", reason="r")
    publish(DECEASED)
    settings.FEEDS_FOLLOWED = {CHANGED: "test_following.fails", DECEASED: "noting.note"}

    assert not country.follow()

    assert position().trouble == "fault"
    assert position().sequence == 0
    assert told() == [ours.pk]  # by the other feed
    assert ours.pk not in caplog.text


def fails(match: actions.Match) -> None:
    raise LookupError


def test_whoever_becomes_a_customer_while_a_key_comes_is_found(country: Country) -> None:
    """The one who begins before the key is there commits after it was indexed."""
    started, go_on = threading.Event(), threading.Event()
    late = person()

    def become_customer() -> None:
        from django.db import transaction

        try:
            with transaction.atomic():
                index.know_customer(late.pk)
                started.set()
                go_on.wait(5)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(become_customer)
        assert started.wait(5)
        following = pool.submit(_follow_and_leave, country)
        time.sleep(0.5)
        go_on.set()
        slow.result()
        following.result()
    change(late)
    publish()
    country.follow()

    assert told() == [late.pk]


def _follow_and_leave(country: Country) -> None:
    try:
        fetching.catch_up(CHANGED, note)
    finally:
        connection.close()


def test_customers_from_before_the_feeds_are_known_in_one_go(country: Country) -> None:
    country.follow()
    people = [person() for _ in range(5)]
    assert index.know_customers(p.pk for p in people) == 5
    assert index.know_customers(p.pk for p in people) == 0
    change(people[3])
    publish()

    country.follow()
    assert told() == [people[3].pk]


def test_a_subscriber_that_is_killed_applies_each_change_exactly_once(
    country: Country, tmp_path: Path
) -> None:
    """kill -9 in the middle of a file, again and again; then everything is there, once."""
    country.follow()
    people = [customer() for _ in range(4)]
    for who in people:
        change(who)
        publish()

    for attempt in range(2):
        hangs = tmp_path / f"hangs-{attempt}"
        victim = subprocess.Popen(
            [sys.executable, str(HERE / "following_once.py")],
            env=country.outside() | {"NOTING_HANGS": str(hangs)},
        )
        _wait_for(hangs)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        assert told() == []
        assert position().sequence == 0
    country.follow()

    assert noted() == [(who.pk, number) for number, who in enumerate(people, start=1)]
    assert list(TakenFile.objects.order_by("sequence").values_list("sequence", flat=True)) == [
        1,
        2,
        3,
        4,
    ]


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
