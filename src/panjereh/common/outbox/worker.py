"""Carry events: from this floor's outbox to the stream, and from the stream to its handlers."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import nats
import psycopg
from django.conf import settings
from django.db import close_old_connections, connection
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig
from nats.js.errors import NotFoundError

from panjereh.common.events import STREAM, SUBJECT_PREFIX, Event, Subscription, subscriptions
from panjereh.common.outbox.actions import CHANNEL, deliver

log = logging.getLogger("panjereh.outbox")

BATCH = 100
POLL_SECONDS = 2.0  # the safety net behind NOTIFY
RETRY_SECONDS = (1, 2, 5, 10, 30, 60)

_CLAIM = """
    SELECT id, event_id, type, body FROM outbox_outboxevent
    WHERE published_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_MARK = "UPDATE outbox_outboxevent SET published_at = now() WHERE id = ANY(%s)"


async def carry_events(stop: asyncio.Event) -> None:
    """Run relay and subscriber until `stop`; the worker of every Django floor runs this."""
    client = await nats.connect(settings.NATS_URL, max_reconnect_attempts=-1, error_cb=_tell)
    try:
        stream = client.jetstream()
        await ensure_stream(stream)
        await asyncio.gather(relay(stream, stop), subscribe(stream, stop))
    finally:
        await client.close()


async def _tell(error: Exception) -> None:
    """One line where the client's own would be a traceback for every try."""
    log.warning("outbox.stream.away error=%s", type(error).__name__)


async def ensure_stream(stream: JetStreamContext) -> None:
    try:
        await stream.stream_info(STREAM)
    except NotFoundError:
        await stream.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=[f"{SUBJECT_PREFIX}>"],
                num_replicas=settings.NATS_REPLICAS,
                duplicate_window=3600,
            )
        )


async def relay(stream: JetStreamContext, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            async with await psycopg.AsyncConnection.connect(dsn(), autocommit=True) as wire:
                await wire.execute(f"LISTEN {CHANNEL}")
                while not stop.is_set():
                    if await relay_batch(wire, stream) < BATCH:
                        await _notified(wire)
        except (psycopg.OperationalError, nats.errors.Error) as error:
            log.warning("outbox.relay.waiting error=%s", type(error).__name__)
            await asyncio.sleep(1)


async def relay_batch(wire: psycopg.AsyncConnection, stream: JetStreamContext) -> int:
    """Publish what waits, oldest first; a crash in between publishes again under the same id."""
    async with wire.transaction():
        rows = await (await wire.execute(_CLAIM, [BATCH])).fetchall()
        for _, event_id, event_type, body in rows:
            await stream.publish(
                f"{SUBJECT_PREFIX}{event_type}", bytes(body), headers={"Nats-Msg-Id": str(event_id)}
            )
        if rows:
            await wire.execute(_MARK, [[row[0] for row in rows]])
    return len(rows)


async def _notified(wire: psycopg.AsyncConnection) -> None:
    async for _ in wire.notifies(timeout=POLL_SECONDS, stop_after=1):
        pass


def dsn() -> str:
    params = connection.get_connection_params()
    known = ("dbname", "user", "password", "host", "port")
    return psycopg.conninfo.make_conninfo(**{k: params[k] for k in known if params.get(k)})


async def subscribe(stream: JetStreamContext, stop: asyncio.Event) -> None:
    wanted = subscriptions()
    if not wanted:
        await stop.wait()
        return
    consumer = await _consumer(stream, sorted({s.event_type for s in wanted}))
    with ThreadPoolExecutor(1, "events") as thread:
        while not stop.is_set():
            for message in await _fetched(consumer):
                await _handle(message, wanted, thread)
        await asyncio.get_running_loop().run_in_executor(thread, _close_connection)


async def _consumer(
    stream: JetStreamContext, types: list[str]
) -> JetStreamContext.PullSubscription:
    """The floor's place in the stream; a floor that learnt a new type of event gets it, too."""
    name = f"floor-{settings.FLOOR}"
    await stream.add_consumer(
        STREAM,
        ConsumerConfig(
            durable_name=name,
            ack_policy=AckPolicy.EXPLICIT,
            filter_subjects=[f"{SUBJECT_PREFIX}{t}" for t in types],
            ack_wait=30,
            max_ack_pending=500,
        ),
    )
    return await stream.pull_subscribe_bind(name, STREAM)


async def _fetched(consumer: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await consumer.fetch(50, timeout=POLL_SECONDS)
    except TimeoutError:
        return []
    except nats.errors.Error as error:  # the server restarts; the client connects again by itself
        log.warning("outbox.subscriber.waiting error=%s", type(error).__name__)
        await asyncio.sleep(1)
        return []


async def _handle(message: Msg, wanted: Sequence[Subscription], thread: ThreadPoolExecutor) -> None:
    event = msgspec.json.decode(message.data, type=Event)
    loop = asyncio.get_running_loop()
    try:
        for subscription in wanted:
            if subscription.event_type == event.type:
                await loop.run_in_executor(thread, _deliver, subscription, event)
        await message.ack()
    except Exception:
        # One bad event must not hold up the others; it comes back, ever more slowly.
        tries = message.metadata.num_delivered or 1
        log.exception("outbox.handler.failed type=%s tries=%s", event.type, tries)
        await message.nak(delay=RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1])


def _close_connection() -> None:
    # Looked up here, for `connection` is another one in each thread.
    connection.close()


def _deliver(subscription: Subscription, event: Event) -> None:
    close_old_connections()
    deliver(subscription, event)
