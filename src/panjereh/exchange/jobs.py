"""Carry records from the stream into the database: acknowledged only after commit, so a collector
that is killed in between gets them again, and a request id is kept once."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import nats
import psycopg
from django.conf import settings
from django.db import connection
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from panjereh.exchange.records import DURABLE, STREAM, Record, decode_batch, ensure_stream

log = logging.getLogger("panjereh.exchange.collector")

FETCH_MESSAGES = 50
FETCH_SECONDS = 1.0
RETRY_SECONDS = 1.0
ACK_WAIT_SECONDS = 10

_TIMES = ("received_at", "forwarded_at", "answered_at", "finished_at")
_COLUMNS = Record.__struct_fields__
_NAMES = ", ".join(_COLUMNS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS incoming
    (LIKE exchange_callrecord INCLUDING DEFAULTS) ON COMMIT DELETE ROWS
"""
_STAGE_WITHOUT_ID = "ALTER TABLE incoming DROP COLUMN IF EXISTS id"
_COPY = f"COPY incoming ({_NAMES}) FROM STDIN"
# A record may come twice. One that says its answer was withheld is the truth of the two.
_KEEP = f"""
    INSERT INTO exchange_callrecord AS kept ({_NAMES})
    SELECT DISTINCT ON (request_id) {_NAMES} FROM incoming
    ORDER BY request_id, (error_code LIKE '%%.logging_failed.%%') DESC
    ON CONFLICT (request_id) DO UPDATE SET
        status = excluded.status, cause = excluded.cause, error_code = excluded.error_code,
        response_size = 0, response_digest = ''
    WHERE excluded.error_code LIKE '%%.logging_failed.%%'
"""  # noqa: S608 - column names of our own struct

Wire = psycopg.AsyncConnection[Any]
Consumer = JetStreamContext.PullSubscription


async def collect_records(stop: asyncio.Event) -> None:
    """Collect until `stop`; a lost database or stream is waited for."""
    while not stop.is_set():
        try:
            await _collect(stop)
        except (psycopg.Error, nats.errors.Error, OSError, TimeoutError) as error:
            log.warning("exchange.collector.waiting error=%s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)


async def _collect(stop: asyncio.Event) -> None:
    stream_client = await nats.connect(settings.NATS_URL, max_reconnect_attempts=-1)
    try:
        consumer = await subscribe(stream_client.jetstream())
        async with await psycopg.AsyncConnection.connect(database_dsn()) as wire:
            while not stop.is_set():
                await collect_batch(wire, consumer)
    finally:
        await stream_client.close()


async def subscribe(stream: JetStreamContext) -> Consumer:
    await ensure_stream(stream)
    return await stream.pull_subscribe(
        "records.>",
        durable=DURABLE,
        stream=STREAM,
        config=ConsumerConfig(ack_wait=ACK_WAIT_SECONDS, max_ack_pending=4 * FETCH_MESSAGES),
    )


async def collect_batch(wire: Wire, consumer: Consumer) -> int:
    """Fetch, commit, acknowledge, in this order. Returns how many messages were dealt with."""
    try:
        messages = await consumer.fetch(FETCH_MESSAGES, timeout=FETCH_SECONDS)
    except nats.errors.TimeoutError:
        return 0
    await keep(wire, [record for message in messages for record in _records(message)])
    for message in messages:
        await message.ack()
    return len(messages)


def _records(message: Msg) -> list[Record]:
    """What no gateway wrote cannot be read; it must not stop those behind it."""
    try:
        return decode_batch(message.data)
    except msgspec.MsgspecError:
        log.exception("exchange.collector.unreadable sequence=%s", message.metadata.sequence.stream)
        return []


async def keep(wire: Wire, records: list[Record]) -> None:
    async with wire.transaction():
        await wire.execute(_STAGE)
        await wire.execute(_STAGE_WITHOUT_ID)
        async with wire.cursor() as cursor, cursor.copy(_COPY) as copy:
            for record in records:
                await copy.write_row(_row(record))
        await wire.execute(_KEEP)


def _row(record: Record) -> list[Any]:
    values = msgspec.structs.asdict(record)
    for name in _TIMES:
        if values[name] is not None:
            values[name] = _EPOCH + timedelta(microseconds=values[name])
    return list(values.values())


def database_dsn() -> str:
    params = connection.get_connection_params()
    known = ("dbname", "user", "password", "host", "port")
    return psycopg.conninfo.make_conninfo(**{k: params[k] for k in known if params.get(k)})
