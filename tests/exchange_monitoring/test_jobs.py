"""The worker's rounds: they go on when something they need is away, and stop when they are told."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from pytest_django import Settings
from traffic import Books

from panjereh.exchange import jobs as collector
from panjereh.exchange.monitoring import jobs

Round = Callable[[asyncio.Event], Awaitable[None]]


async def until(task: Round, reached: Callable[[], bool]) -> None:
    """Run the task until something is reached, then stop it."""
    stop = asyncio.Event()
    running = asyncio.ensure_future(task(stop))
    for _ in range(300):
        if running.done() or await asyncio.to_thread(reached):
            break
        await asyncio.sleep(0.1)
    assert not running.done()
    assert await asyncio.to_thread(reached)
    stop.set()
    await asyncio.wait_for(running, 20)


@pytest.fixture
def committed(books: Books, tmp_path: Path, settings: Settings) -> Books:
    """Jobs have connections of their own, so what they write stays until it is removed."""
    settings.EVIDENCE = settings.EVIDENCE | {"folder": tmp_path}
    settings.NATS_URL = settings.NATS_SERVERS = "nats://127.0.0.1:1"
    return books


def rows(table: str) -> int:
    with psycopg.connect(collector.database_dsn()) as wire:
        found = wire.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0


@pytest.mark.req("OPS-02")
def test_the_watch_goes_on_without_the_stream_and_publishes_the_month(committed: Books) -> None:
    asyncio.run(until(jobs.watch, lambda: rows("monitoring_trafficmonth") == 1))

    committed.execute("DELETE FROM monitoring_trafficmonth")


def test_the_asking_round_stops_when_it_is_told(committed: Books) -> None:
    asyncio.run(until(jobs.ask_providers, lambda: True))


def test_without_a_stream_nothing_is_said_of_the_collector(committed: Books) -> None:
    assert asyncio.run(jobs.collector_pending()) is None
