"""The page never shows an old list as a whole one: how far the collector has come is asked of the
stream itself."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import nats as nats_client
import pytest
from calling import Gateway
from collector import Collector, call_about
from nation import MOTHER, Nation

from panjereh.common import clock
from panjereh.exchange import jobs
from panjereh.exchange.records import SUBJECT, Record, encode
from panjereh.exchange.usage import actions
from panjereh.exchange.usage.progress import collected_until
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

LONG_AGO = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def stream(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Iterator[str]:
    server = Nats(tmp_path_factory.mktemp("nats"), free_port())
    server.start()
    settings.NATS_URL = server.url
    yield server.url
    server.stop()


def run(deed: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, deed).result()


async def publish(url: str, *records: Record) -> None:
    client = await nats_client.connect(url)
    try:
        await jobs.subscribe(client.jetstream())
        for record in records:
            await client.jetstream().publish(SUBJECT, encode([record]))
    finally:
        await client.close()


def test_what_waits_in_the_stream_holds_the_time_back(
    nation: Nation, collector: Collector, stream: str
) -> None:
    calls = [
        call_about(MOTHER, grant=nation.person, at=LONG_AGO + timedelta(hours=n)) for n in range(2)
    ]
    run(publish(stream, *calls))

    assert run(collected_until()) == LONG_AGO
    collector.drain(stream)
    assert run(collected_until()) > clock.now() - timedelta(seconds=30)


def test_while_the_stream_is_away_nothing_is_claimed(settings: Any) -> None:
    settings.NATS_URL = f"nats://127.0.0.1:{free_port()}"

    assert run(collected_until()) is None


def test_the_list_says_up_to_when_it_is_complete(nation: Nation, gateway: Gateway) -> None:
    assert gateway.post("looks", {}, user=MOTHER).json()["complete_until"] is None
    actions.note_progress(LONG_AGO)
    actions.note_progress(LONG_AGO + timedelta(hours=1))

    told = gateway.post("looks", {}, user=MOTHER).json()["complete_until"]

    assert datetime.fromisoformat(told) == LONG_AGO + timedelta(hours=1)
