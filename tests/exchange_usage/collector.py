"""Records of calls about people, and the collector's own hand that keeps them."""

import asyncio
import uuid
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import msgspec
import nats
import psycopg
from django.conf import settings

from panjereh.common import clock
from panjereh.exchange import jobs
from panjereh.exchange.gateway.subjects import Pseudonyms
from panjereh.exchange.models import Grant
from panjereh.exchange.records import Record

NOT_RECORDED = "server.serverproxy.logging_failed.not_recorded"


def call_about(
    *persons: str,
    grant: Grant,
    user: str = "",
    case: str = "",
    minutes_ago: float = 1,
    at: datetime | None = None,
    **facts: object,
) -> Record:
    """A call that was answered, with the names that the gateway gives."""
    moment = at or clock.now() - timedelta(minutes=minutes_ago)
    began = round(moment.timestamp() * 1_000_000)
    names = Pseudonyms(settings.SUBJECT_SECRET.encode())
    told = Record(
        request_id=str(uuid.uuid4()),
        gateway="gw-1",
        received_at=began,
        forwarded_at=began + 900,
        answered_at=began + 4000,
        finished_at=began + 4200,
        consumer=grant.consumer.x_road_id,
        provider=grant.service.system.x_road_id,
        service=grant.service.code,
        grant_id=grant.pk,
        purpose=grant.purpose,
        issue=case,
        status=200,
        user_pseudonym=names.of(f"IR{user}", began) if user else "",
        subjects=[names.of(f"IR{person}", began) for person in persons],
    )
    return msgspec.structs.replace(told, **facts)


def withheld(told: Record) -> Record:
    return msgspec.structs.replace(told, status=500, cause="gateway", error_code=NOT_RECORDED)


class Collector:
    """Keeps records through a connection of its own; Django's transaction of the test does not
    hold them, so it takes them away itself."""

    def keep(self, *records: Record) -> None:
        _run(_keep(records))

    def drain(self, nats_url: str) -> None:
        """Everything that the stream holds."""
        _run(_drain(nats_url))

    def execute(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(jobs.database_dsn(), autocommit=True) as wire:
            done = wire.execute(query, values)
            return done.fetchall() if done.description else []

    def months(self) -> list[str]:
        rows = self.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'usage_look'::regclass ORDER BY 1"
        )
        return [str(row[0]) for row in rows]

    def forget(self) -> None:
        for month in self.months():
            self.execute(f"DROP TABLE {month}")
        for table in ("exchange_callrecord", "monitoring_minute", "monitoring_hour"):
            self.execute(f"DELETE FROM {table}")
        self.execute("DELETE FROM monitoring_day")
        self.execute("DELETE FROM monitoring_flow")


def _run(deed: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own, for a browser of the test may have this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, deed).result()


async def _drain(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    try:
        consumer = await jobs.subscribe(client.jetstream())
        async with await psycopg.AsyncConnection.connect(jobs.database_dsn()) as wire:
            while (await consumer.consumer_info()).num_pending:
                await jobs.collect_batch(wire, consumer)
        await client.flush()
    finally:
        await client.close()


async def _keep(records: Sequence[Record]) -> None:
    async with await psycopg.AsyncConnection.connect(jobs.database_dsn(), autocommit=True) as wire:
        await jobs.keep(wire, list(records))
