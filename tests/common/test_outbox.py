"""Events: committed with their deed or not at all, delivered at least once, dealt with once."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import nats
import psycopg
import pytest
from django.db import connection, transaction
from nats.js import JetStreamContext

from panjereh.common import clock
from panjereh.common.events import STREAM, Event, Subscription
from panjereh.common.outbox import worker
from panjereh.common.outbox.actions import deliver, emit
from panjereh.common.outbox.models import InboxEvent, OutboxEvent

TYPE = "registries.test.happened"
pytestmark = pytest.mark.django_db(transaction=True)


def an_event() -> Event:
    return Event(
        id=str(uuid.uuid4()), source="/test", type=TYPE, time=clock.now(), subject="7", data={}
    )


@asynccontextmanager
async def stream_of_our_own() -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(os.environ["PANJEREH_NATS_URL"])
    try:
        stream = client.jetstream()
        await worker.ensure_stream(stream)
        yield stream
    finally:
        await client.close()


async def messages_about(stream: JetStreamContext, subject: str) -> list[Event]:
    reader = await stream.pull_subscribe(f"events.{TYPE}", stream=STREAM)
    found: list[Event] = []
    try:
        while True:
            batch = await reader.fetch(100, timeout=0.5)
            events = [msgspec.json.decode(m.data, type=Event) for m in batch]
            found += [e for e in events if e.subject == subject]
    except nats.errors.TimeoutError:
        return found
    finally:
        await reader.unsubscribe()


def run_relay(
    check: Callable[[JetStreamContext], object] | None = None, *, batches: int = 1
) -> None:
    async def scenario() -> None:
        async with (
            stream_of_our_own() as stream,
            await psycopg.AsyncConnection.connect(worker.dsn(), autocommit=True) as wire,
        ):
            for _ in range(batches):
                await worker.relay_batch(wire, stream)

    asyncio.run(scenario())


def published(subject: str) -> list[Event]:
    async def scenario() -> list[Event]:
        async with stream_of_our_own() as stream:
            return await messages_about(stream, subject)

    return asyncio.run(scenario())


def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside the transaction"):
        emit(TYPE, subject="1", data={})


def test_a_deed_that_fails_leaves_no_event() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        emit(TYPE, subject="1", data={})
        _ = 1 / 0
    assert OutboxEvent.objects.count() == 0


def test_a_committed_event_reaches_the_stream_once() -> None:
    subject = str(uuid.uuid4())
    with transaction.atomic():
        emit(TYPE, subject=subject, data={"said": "سلام"})

    run_relay(batches=2)

    assert [e.data for e in published(subject)] == [{"said": "سلام"}]
    assert not OutboxEvent.objects.filter(published_at=None).exists()


def test_killed_between_publish_and_mark_it_is_published_under_the_same_id() -> None:
    """The stream drops the second copy by its id, so the crash costs nothing."""
    subject = str(uuid.uuid4())
    with transaction.atomic():
        emit(TYPE, subject=subject, data={})
    run_relay()
    OutboxEvent.objects.update(published_at=None)  # what a crash before the mark leaves behind

    run_relay()

    assert len(published(subject)) == 1


def test_killed_between_commit_and_publish_nothing_is_lost() -> None:
    """A relay whose connection dies leaves the row waiting, and the next one takes it."""
    subject = str(uuid.uuid4())
    with transaction.atomic():
        emit(TYPE, subject=subject, data={})

    async def die_in_the_middle() -> None:
        async with stream_of_our_own() as stream:
            wire = await psycopg.AsyncConnection.connect(worker.dsn(), autocommit=True)
            pid = wire.info.backend_pid
            async with wire.transaction():
                await (await wire.execute(worker._CLAIM, [1])).fetchall()
                await asyncio.to_thread(_terminate, pid)
                await worker.relay_batch(wire, stream)

    with pytest.raises(psycopg.OperationalError):
        asyncio.run(die_in_the_middle())
    assert OutboxEvent.objects.filter(published_at=None).count() == 1

    run_relay()
    assert len(published(subject)) == 1


def _terminate(pid: int) -> None:
    with psycopg.connect(worker.dsn(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_an_event_delivered_twice_is_dealt_with_once() -> None:
    seen: list[str] = []
    subscription = Subscription(TYPE, lambda event: seen.append(event.id))
    event = an_event()

    assert deliver(subscription, event) is True
    assert deliver(subscription, event) is False
    assert seen == [event.id]


def test_a_handler_that_fails_leaves_no_mark_and_may_try_again() -> None:
    tries: list[int] = []

    def stumble_once(event: Event) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("stumbled")

    subscription, event = Subscription(TYPE, stumble_once), an_event()
    with pytest.raises(ValueError, match="stumbled"):
        deliver(subscription, event)
    assert InboxEvent.objects.count() == 0
    assert deliver(subscription, event) is True


def test_the_worker_carries_an_event_from_outbox_to_handler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    subject = str(uuid.uuid4())
    floor = f"test-{subject}"
    monkeypatch.setattr("django.conf.settings.FLOOR", floor)

    def remember(event: Event) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        seen.append(event.subject)

    monkeypatch.setattr(worker, "subscriptions", lambda: [Subscription(TYPE, remember)])

    async def scenario() -> None:
        stop = asyncio.Event()
        carrying = asyncio.create_task(worker.carry_events(stop))
        await asyncio.to_thread(_commit_event, subject)
        for _ in range(100):
            if subject in seen:
                break
            await asyncio.sleep(0.05)
        stop.set()
        await carrying
        client = await nats.connect(os.environ["PANJEREH_NATS_URL"])
        await client.jetstream().delete_consumer(STREAM, f"floor-{floor}")
        await client.close()

    asyncio.run(scenario())
    assert seen.count(subject) == 1


def _commit_event(subject: str) -> None:
    with transaction.atomic():
        emit(TYPE, subject=subject, data={})
    connection.close()
