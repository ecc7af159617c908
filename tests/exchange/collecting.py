"""Run the collector for as long as there is something to collect."""

import asyncio

import nats
import psycopg
from world import Caller

from panjereh.exchange import jobs
from panjereh.exchange.models import CallRecord
from panjereh.exchange.records import DURABLE, STREAM


class Collected:
    def __init__(self, nats_url: str) -> None:
        self._nats_url = nats_url

    def of(self, caller: Caller) -> list[CallRecord]:
        """Oldest first."""
        asyncio.run(collect_everything(self._nats_url))
        return list(CallRecord.objects.filter(consumer=caller.x_road_id).order_by("received_at"))

    def redeliver(self) -> None:
        asyncio.run(forget_deliveries(self._nats_url))

    def publish(self, payload: bytes) -> None:
        asyncio.run(publish(self._nats_url, payload))

    def one(self, caller: Caller) -> CallRecord:
        (record,) = self.of(caller)
        return record


async def collect_everything(nats_url: str) -> int:
    client = await nats.connect(nats_url)
    try:
        stream = client.jetstream()
        consumer = await jobs.subscribe(stream)
        count = 0
        async with await psycopg.AsyncConnection.connect(jobs.database_dsn()) as wire:
            while (await consumer.consumer_info()).num_pending:
                count += await jobs.collect_batch(wire, consumer)
        return count
    finally:
        await client.close()


async def publish(nats_url: str, payload: bytes) -> None:
    client = await nats.connect(nats_url)
    await client.jetstream().publish("records.calls", payload)
    await client.close()


async def forget_deliveries(nats_url: str) -> None:
    """What a killed collector held comes again at once, not after its acknowledgement wait."""
    client = await nats.connect(nats_url)
    await client.jetstream().delete_consumer(STREAM, DURABLE)
    await client.close()
