"""Collect every record of the run; print how fast that went, as JSON."""

import asyncio
import json
import time

import django

django.setup()

import nats  # noqa: E402
import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402

from panjereh.exchange import jobs  # noqa: E402
from panjereh.exchange.models import CallRecord  # noqa: E402


async def drain() -> None:
    client = await nats.connect(settings.NATS_URL)
    consumer = await jobs.subscribe(client.jetstream())
    async with await psycopg.AsyncConnection.connect(jobs.database_dsn()) as wire:
        while (await consumer.consumer_info()).num_pending:
            await jobs.collect_batch(wire, consumer)
    await client.close()


def main() -> None:
    began, cpu_began = time.perf_counter(), time.process_time()
    asyncio.run(drain())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    count = CallRecord.objects.count()
    rate, each = count / seconds, cpu / count * 1e6
    print(json.dumps({"records": count, "records_per_second": rate, "microseconds": each}))


if __name__ == "__main__":
    main()
