"""A count is there exactly when its record is, whatever comes twice, late or at once."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest
from traffic import (
    CONSUMER,
    DENIED,
    NOT_RECORDED,
    PROVIDER,
    TIMEOUT,
    Books,
    any_traffic,
    failed,
    record,
    withheld,
)

from panjereh.common import clock
from panjereh.exchange import jobs
from panjereh.exchange.models import CallRecord
from panjereh.exchange.monitoring.__main__ import main
from panjereh.exchange.monitoring.models import Day, Flow, Hour, Minute
from panjereh.exchange.monitoring.rebuild import differences, rebuild

NOON = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)  # noon in Tehran
WEEK = timedelta(days=7)


def the_only(model: type[Any]) -> Any:
    (row,) = model.objects.filter(calls__gt=0)
    return row


def rows_of(model: type[Any]) -> list[tuple[Any, ...]]:
    """Without those that a replaced record left empty."""
    names = ("flow__consumer", "flow__service", "flow__grant_id", "flow__bus", "at", "calls")
    more = ("failed_consumer", "failed_gateway", "failed_provider", "unanswered", "errors")
    sums = ("request_bytes", "response_bytes", "cut_fields")
    found = model.objects.filter(calls__gt=0).order_by("at", "flow__consumer", "flow__service")
    found = found.order_by(*names[:5])
    plain = [repr(row) for row in found.values_list(*names, *more, *sums)]
    histograms = [
        tuple(tuple(_trimmed(counts)) for counts in row)
        for row in found.values_list("durations", "provider_durations")
    ]
    return list(zip(plain, histograms, strict=True))


def _trimmed(counts: list[int]) -> list[int]:
    while counts and counts[-1] == 0:
        counts = counts[:-1]
    return counts


def agree(since: datetime, until: datetime) -> bool:
    return list(differences(since, until)) == []


@pytest.mark.req("NIX-24")
def test_calls_are_counted_with_result_duration_and_cause(books: Books) -> None:
    books.keep(
        [
            record(NOON, 3),
            record(NOON, 3),
            failed("provider", TIMEOUT, NOON),
            failed("consumer", DENIED, NOON, response_size=90),
        ]
    )

    minute = the_only(Minute)
    flow = Flow.objects.get(pk=minute.flow_id)
    assert (flow.consumer, flow.provider, flow.service) == (CONSUMER, PROVIDER, "person")
    assert (minute.calls, minute.failed_consumer, minute.failed_gateway) == (4, 1, 0)
    assert (minute.failed_provider, minute.unanswered) == (1, 1)
    assert minute.errors == {f"provider {TIMEOUT}": 1, f"consumer {DENIED}": 1}
    assert (minute.request_bytes, minute.response_bytes, minute.cut_fields) == (120, 1290, 4)
    assert (sum(minute.durations), sum(minute.provider_durations)) == (4, 2)


@pytest.mark.req("NIX-24")
def test_batches_add_up_in_minute_hour_and_day_of_tehran(books: Books) -> None:
    before_midnight = datetime(2026, 11, 20, 20, 29, 59, tzinfo=UTC)
    books.keep([record(before_midnight)], [record(before_midnight + timedelta(seconds=1))])
    books.keep([record(before_midnight), record(before_midnight)])

    days = Day.objects.order_by("at").values_list("at", "calls")
    midnight = before_midnight + timedelta(seconds=1)
    assert list(days) == [(midnight - timedelta(days=1), 3), (midnight, 1)]
    assert list(Hour.objects.order_by("at").values_list("calls", flat=True)) == [3, 1]
    assert list(Minute.objects.order_by("at").values_list("calls", flat=True)) == [3, 1]


def test_a_record_that_comes_twice_is_counted_once(books: Books) -> None:
    told = record(NOON)
    books.keep([told, told], [told])
    books.keep_at_once([told], [told], [told])

    assert the_only(Day).calls == 1


@pytest.mark.req("NIX-24")
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_answer_told_as_withheld_is_counted_as_failed_only(
    books: Books, order: tuple[int, ...]
) -> None:
    """The stream may have kept a batch whose acknowledgement was lost; its calls were refused."""
    good = record(NOON)
    told = [good, withheld(good), good]
    books.keep(*[[told[number]] for number in order])

    hour = the_only(Hour)
    assert CallRecord.objects.get(request_id=good.request_id).error_code == NOT_RECORDED
    assert (hour.calls, hour.failed_gateway, hour.response_bytes) == (1, 1, 0)
    assert hour.errors == {f"gateway {NOT_RECORDED}": 1}
    assert agree(NOON, NOON)


def test_collectors_at_once_count_every_record_once(books: Books) -> None:
    batches = [any_traffic(random.Random(seed), 200, NOON, 2) for seed in range(3)]
    books.keep_at_once(*batches, *reversed(batches), batches[0])

    assert CallRecord.objects.count() == 600
    assert agree(NOON, NOON + timedelta(days=3))


def test_what_is_not_kept_is_not_counted(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuses(wire: Any, records: Any) -> None:
        await wire.execute("SELECT 1 / 0")

    monkeypatch.setattr(jobs, "KEEPERS", (*jobs.KEEPERS, refuses))
    with pytest.raises(psycopg.errors.DivisionByZero):
        books.keep([record(NOON)])

    assert not CallRecord.objects.exists()
    assert not Minute.objects.exists()


@pytest.mark.req("NIX-24")
def test_a_rebuild_counts_what_the_collector_counted(books: Books) -> None:
    traffic = any_traffic(random.Random(26), 500, NOON, 3)
    books.keep(*[traffic[n : n + 70] for n in range(0, len(traffic), 70)])
    counted = [rows_of(model) for model in (Minute, Hour, Day)]

    assert asyncio.run(rebuild(jobs.database_dsn(), NOON, NOON + WEEK)) == 500

    assert [rows_of(model) for model in (Minute, Hour, Day)] == counted
    assert agree(NOON, NOON + WEEK)


def test_a_changed_count_is_found_and_mended(books: Books) -> None:
    books.keep([record(NOON), failed("provider", TIMEOUT, NOON)])
    books.execute("UPDATE monitoring_hour SET failed_provider = 0")

    assert {(d.grain, d.side) for d in differences(NOON, NOON)} == {
        ("hour", "counted"),
        ("hour", "kept"),
    }
    asyncio.run(rebuild(jobs.database_dsn(), NOON, NOON))
    assert agree(NOON, NOON)


@pytest.mark.req("NIX-04", "NIX-24")
def test_counts_stay_when_their_records_have_reached_their_term(books: Books) -> None:
    long_ago = clock.now() - timedelta(days=300)
    books.keep([record(long_ago)])
    books.execute("DELETE FROM exchange_callrecord")

    asyncio.run(rebuild(jobs.database_dsn(), long_ago, clock.now()))

    assert the_only(Day).calls == 1


def test_the_operator_reconciles_and_rebuilds_by_a_command(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    books.keep([record(clock.now())])
    assert main(["reconcile"]) == 0
    books.execute("UPDATE monitoring_day SET calls = 7")

    assert main(["reconcile", "--days", "1"]) == 1
    assert main(["rebuild"]) == 0
    assert main(["reconcile"]) == 0
    assert "1 records counted again." in capsys.readouterr().out
