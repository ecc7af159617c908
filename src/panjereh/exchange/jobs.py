"""Carry records from the stream into the database: acknowledged only after commit, so a collector
that is killed in between gets them again, and a request id is kept once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
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

from panjereh.common.background import pause
from panjereh.exchange.monitoring import rollup
from panjereh.exchange.monitoring.counted import COLUMNS, record_of
from panjereh.exchange.records import DURABLE, STREAM, Record, decode_batch, ensure_stream
from panjereh.exchange.usage import looks

log = logging.getLogger("panjereh.exchange.collector")

FETCH_MESSAGES = 50
FETCH_SECONDS = 1.0
RETRY_SECONDS = 1.0
ACK_WAIT_SECONDS = 10

_TIMES = ("received_at", "forwarded_at", "answered_at", "finished_at")
_WITHHELD = ".logging_failed."
_COLUMNS = Record.__struct_fields__
_NAMES = ", ".join(_COLUMNS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS incoming
    (LIKE exchange_callrecord INCLUDING DEFAULTS) ON COMMIT DELETE ROWS
"""
_STAGE_WITHOUT_ID = "ALTER TABLE incoming DROP COLUMN IF EXISTS id"
_COPY = f"COPY incoming ({_NAMES}) FROM STDIN"
_KEEP = f"""
    INSERT INTO exchange_callrecord ({_NAMES})
    SELECT {_NAMES} FROM incoming ORDER BY request_id
    ON CONFLICT (request_id) DO NOTHING RETURNING request_id::text
"""  # noqa: S608 - column names of our own struct
_FIND_FOR_WITHHELD = f"""
    SELECT {COLUMNS} FROM exchange_callrecord
    WHERE request_id = ANY(%s::uuid[]) AND error_code NOT LIKE '%%{_WITHHELD}%%'
    ORDER BY request_id FOR UPDATE
"""  # noqa: S608 - our own columns
_WITHHOLD = """
    UPDATE exchange_callrecord SET status = %s, cause = %s, error_code = %s,
        response_size = 0, response_digest = '' WHERE request_id = %s
"""

Wire = psycopg.AsyncConnection[Any]
Consumer = JetStreamContext.PullSubscription
Keeper = Callable[[Wire, list[Record]], Awaitable[None]]

# Each gets every record once, in the transaction that keeps it.
KEEPERS: tuple[Keeper, ...] = (rollup.keep, looks.keep)


async def collect_records(stop: asyncio.Event) -> None:
    """Collect until `stop`; a lost database or stream is waited for."""
    while not stop.is_set():
        try:
            await _collect(stop)
        except (psycopg.Error, nats.errors.Error, OSError, TimeoutError) as error:
            log.warning("exchange.collector.waiting error=%s", type(error).__name__)
            await pause(stop, RETRY_SECONDS)


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
    await ensure_stream(stream, settings.NATS_REPLICAS)
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
    """Whoever counts records or tells of them does so in this transaction, once for each record.

    A record may come twice. One that says its answer was withheld is the truth of the two.
    """
    chosen = _one_for_each_call(records)
    async with wire.transaction():
        await _stage(wire, chosen.values())
        inserted = {row[0] for row in await _rows(wire, _KEEP)}
        fresh = [record for name, record in chosen.items() if name in inserted]
        for keeper in KEEPERS:
            await keeper(wire, fresh)
        late = [r for name, r in chosen.items() if _withheld(r) and name not in inserted]
        if late:
            await _withhold(wire, {record.request_id: record for record in late})


def _one_for_each_call(records: list[Record]) -> dict[str, Record]:
    chosen: dict[str, Record] = {}
    for record in records:
        if record.request_id not in chosen or _withheld(record):
            chosen[record.request_id] = record
    return chosen


async def _stage(wire: Wire, records: Iterable[Record]) -> None:
    await wire.execute(_STAGE)
    await wire.execute(_STAGE_WITHOUT_ID)
    async with wire.cursor() as cursor, cursor.copy(_COPY) as copy:
        for record in records:
            await copy.write_row(_row(record))


async def _withhold(wire: Wire, late: dict[str, Record]) -> None:
    """These calls were kept as answered; now it is known that the answer never left."""
    before = [record_of(row) for row in await _rows(wire, _FIND_FOR_WITHHELD, [list(late)])]
    for record in before:
        told = late[record.request_id]
        values = [told.status, told.cause, told.error_code, told.request_id]
        await wire.execute(_WITHHOLD, values)
    await rollup.replace(wire, before, [_as_withheld(r, late[r.request_id]) for r in before])
    await looks.withhold(wire, late.values())


def _withheld(record: Record) -> bool:
    return _WITHHELD in record.error_code


def _as_withheld(record: Record, told: Record) -> Record:
    changed = {name: getattr(told, name) for name in ("status", "cause", "error_code")}
    return msgspec.structs.replace(record, response_size=0, response_digest="", **changed)


async def _rows(wire: Wire, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return await (await wire.execute(query, values)).fetchall()


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
