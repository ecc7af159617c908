"""Carry messages to their receivers, their endings to the stream of records, and give up what
nobody took. Several processes may run this: a lease says who has a message in hand."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import nats
import psycopg
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection
from nats.js import JetStreamContext

from panjereh.common import clock
from panjereh.common.background import pause
from panjereh.exchange.gateway.provider import Providers
from panjereh.exchange.messages import actions, callback, queries
from panjereh.exchange.messages.models import KEPT, Ending, Message
from panjereh.exchange.models import CallRecord
from panjereh.exchange.records import DUPLICATE_WINDOW_SECONDS, STREAM, SUBJECT, Record

log = logging.getLogger("panjereh.exchange.messages")

POLL_SECONDS = 0.5
HOUSE_SECONDS = 5.0
AT_ONCE, EACH = 16, 4
RETRY_SECONDS = 1.0
BATCH = 100
SURE = timedelta(seconds=DUPLICATE_WINDOW_SECONDS - 20)

Answer = TypeVar("Answer")

_decode_record = msgspec.json.Decoder(Record).decode
_away = (OperationalError, psycopg.OperationalError, nats.errors.Error, OSError, TimeoutError)


async def deliver_messages(stop: asyncio.Event) -> None:
    """Bring what is due until `stop`; what is under way then is ended first."""
    providers = Providers(Path(settings.KEYS))
    with ThreadPoolExecutor(4, "messages") as threads:
        courier = Courier(providers, threads)
        while not stop.is_set():
            try:
                await courier.round()
            except _away as error:
                log.warning("exchange.messages.waiting error=%s", type(error).__name__)
                await pause(stop, RETRY_SECONDS)
            await pause(stop, POLL_SECONDS)
        await courier.end()
    await providers.close()


class Courier:
    """At most EACH messages are under way to one receiver, so one that hangs holds up no other."""

    def __init__(self, providers: Providers, threads: ThreadPoolExecutor) -> None:
        self._providers, self._threads = providers, threads
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: Counter[str] = Counter()

    async def round(self) -> None:
        """Take on as much as there is room for."""
        addresses = await self._run(queries.reachable_receivers)
        room = AT_ONCE - len(self._tasks)
        free = [one for one in addresses if self._under_way[one] < EACH]
        if room <= 0 or not free:
            return
        leased = await self._run(lambda: actions.take_for_callback(free, each=EACH, limit=room))
        for message in leased:
            self._begin(message, addresses[message.receiver])

    async def end(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, message: Message, address: str) -> None:
        task = asyncio.create_task(self._bring(message, address))
        self._tasks.add(task)
        self._under_way[message.receiver] += 1
        task.add_done_callback(lambda done: self._ended(done, message.receiver))

    def _ended(self, task: "asyncio.Task[None]", receiver: str) -> None:
        self._tasks.discard(task)
        self._under_way[receiver] -= 1
        if not task.cancelled() and (error := task.exception()):
            log.error("exchange.messages.failed error=%s", type(error).__name__)

    async def _bring(self, message: Message, address: str) -> None:
        outcome = await callback.bring(self._providers, message, address)
        await self._run(lambda: note(message, outcome))

    async def _run(self, deed: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _in_thread, deed)


def note(message: Message, outcome: callback.Outcome) -> None:
    match outcome.kind:
        case callback.TAKEN:
            actions.finish(message.pk, Message.State.DELIVERED, way=Message.Way.CALLBACK)
        case callback.NEVER:
            actions.finish(message.pk, Message.State.REFUSED, trouble=outcome.trouble)
        case _:
            unsure = outcome.kind == callback.UNSURE
            actions.put_off(message, outcome.trouble, unsure=unsure)


def _in_thread(deed: Callable[[], Answer]) -> Answer:
    close_old_connections()
    return deed()


async def keep_messages(stop: asyncio.Event) -> None:
    """Tell the stream of records how messages ended, and give up what is over."""
    with ThreadPoolExecutor(1, "endings") as thread:
        while not stop.is_set():
            try:
                await _keep(stop, thread)
            except _away as error:
                log.warning("exchange.messages.waiting error=%s", type(error).__name__)
                await pause(stop, RETRY_SECONDS)
        await asyncio.get_running_loop().run_in_executor(thread, _close_connection)


async def _keep(stop: asyncio.Event, thread: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    client = await nats.connect(settings.NATS_URL, max_reconnect_attempts=-1)
    try:
        house_at = 0.0
        while not stop.is_set():
            if loop.time() >= house_at:
                house_at = loop.time() + HOUSE_SECONDS
                await loop.run_in_executor(thread, _in_thread, keep_house)
            endings = await loop.run_in_executor(thread, _in_thread, take_endings)
            for ending in endings:
                await publish(client.jetstream(), ending)
                await loop.run_in_executor(thread, _in_thread, ending.published)
            if not endings:
                await pause(stop, POLL_SECONDS)
    finally:
        await client.close()


def keep_house() -> None:
    actions.expire()
    actions.forget(clock.now() - KEPT)


class Untold:
    """An ending that the stream may not have yet."""

    def __init__(self, row: Ending) -> None:
        self.request_id, self.record = str(row.request_id), _decode_record(bytes(row.body))

    def published(self) -> None:
        Ending.objects.filter(pk=self.request_id).update(published_at=clock.now())


def take_endings() -> list[Untold]:
    """Each is marked as tried before it is sent. One that was tried so long ago that the stream
    would not know it again is looked for in the books, where the collector has put it."""
    now = clock.now()
    untold = list(Ending.objects.filter(published_at=None).order_by("message__ended_at")[:BATCH])
    old = [e.pk for e in untold if e.tried_at is not None and e.tried_at < now - SURE]
    known = set(CallRecord.objects.filter(request_id__in=old).values_list("request_id", flat=True))
    Ending.objects.filter(pk__in=known).update(published_at=now)
    Ending.objects.filter(pk__in=[e.pk for e in untold], tried_at=None).update(tried_at=now)
    return [Untold(ending) for ending in untold if ending.pk not in known]


async def publish(stream: JetStreamContext, ending: Untold) -> None:
    """Under an id of its own: sent twice, it is kept once."""
    headers = {"Nats-Msg-Id": ending.request_id}
    body = msgspec.json.encode([ending.record])
    await stream.publish(SUBJECT, body, stream=STREAM, headers=headers)


def _close_connection() -> None:
    connection.close()
