"""Read the records of calls in the order of their stream, each once, from where the log ends.

The log's own state says how far it has read; the server's consumer is made anew from there each
time. So a crash on either side neither repeats nor skips nor turns anything around.
"""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, field

import msgspec
from django.conf import settings
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StreamInfo
from nats.js.errors import NotFoundError

from panjereh.exchange.evidence.leaf import Arrived, Leaf, LeafMaker
from panjereh.exchange.evidence.log import Position
from panjereh.exchange.evidence.stored import StoredTree, find
from panjereh.exchange.records import DURABLE as COLLECTOR
from panjereh.exchange.records import STREAM, ensure_stream

log = logging.getLogger("panjereh.exchange.evidence")

DURABLE = "evidence"
CHECKPOINT_RECORDS = 10_000
CHECKPOINT_SECONDS = 1.0
FETCH_MESSAGES = 20  # of up to 500 records each


class StreamUnfit(Exception):
    """The stream cannot feed a log beside the collector; the text says what to change."""


@dataclass
class Reading:
    position: Position
    leaves: list[Leaf] = field(default_factory=list)


class StreamReader:
    def __init__(self, client: Client, maker: LeafMaker) -> None:
        self._stream: JetStreamContext = client.jetstream()
        self._maker = maker

    async def open(self, position: Position, tree: StoredTree) -> None:
        """Go on after `position`. In another stream, or one that lost its end, begin at its first
        message and leave out what `tree` holds already."""
        await ensure_stream(self._stream, settings.NATS_REPLICAS)
        info = await self._stream.stream_info(STREAM)
        if info.config.retention == RetentionPolicy.WORK_QUEUE:
            raise StreamUnfit(f"the stream {STREAM} is a work queue, which lets only one read it")
        self._tree, self._position = tree, await self._place(position, info)
        self._next = self._position.sequence + 1
        await self._consume()

    async def gather(self) -> Reading:
        """What came within a second, or as soon as it is enough for a checkpoint."""
        reading, clock = Reading(self._position), asyncio.get_running_loop().time
        until = clock() + CHECKPOINT_SECONDS
        while len(reading.leaves) < CHECKPOINT_RECORDS and (left := until - clock()) > 0:
            try:
                messages = await self._consumer.fetch(FETCH_MESSAGES, timeout=max(left, 0.01))
            except TimeoutError:
                break
            for message in messages:
                self._take(message, reading)
        self._position = reading.position
        return reading

    async def trim(self, position: Position) -> None:
        """Free the stream of what the log and every other durable reader have in safety.

        The log's last message stays: by it we know the stream again.
        """
        info = await self._stream.stream_info(STREAM)
        consumers = await self._stream.consumers_info(STREAM)
        others = [c for c in consumers if c.config.durable_name and c.name != DURABLE]
        read = {c.name: c.ack_floor.stream_seq for c in others if c.ack_floor}
        if COLLECTOR in read and (keep := min(position.sequence, *read.values())) > (
            info.state.first_seq
        ):
            await self._stream.purge_stream(STREAM, seq=keep)

    async def _place(self, position: Position, info: StreamInfo) -> Position:
        name = f"{info.created:%Y-%m-%dT%H:%M:%S.%f}"
        if position.stream == name and await self._goes_on(position, info):
            return position
        held_until = info.state.last_seq if position.stream else 0
        if held_until:
            log.warning("exchange.evidence.stream-changed reads-again-until=%s", held_until)
        return Position(name, max(info.state.first_seq, 1) - 1, "", held_until)

    async def _goes_on(self, position: Position, info: StreamInfo) -> bool:
        """Whether our last message is still the one at its number; a trimmed one is believed."""
        if info.state.last_seq < position.sequence:
            return False
        if not position.digest:
            return True
        try:
            message = await self._stream.get_msg(STREAM, position.sequence)
        except NotFoundError:
            return True
        return _digest(message.data or b"") == position.digest

    async def _consume(self) -> None:
        """Nothing is acknowledged: what was read is told by the log alone."""
        try:
            await self._stream.delete_consumer(STREAM, DURABLE)
        except NotFoundError:
            log.info("exchange.evidence.reads-first-time")
        config = ConsumerConfig(
            durable_name=DURABLE,
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self._next,
        )
        await self._stream.add_consumer(STREAM, config)
        self._consumer = await self._stream.pull_subscribe_bind(DURABLE, STREAM)

    def _take(self, message: Msg, reading: Reading) -> None:
        arrived = _arrived(message)
        if arrived.sequence < self._next:
            return
        if arrived.sequence > self._next:
            log.error("exchange.evidence.gap first=%s before=%s", self._next, arrived.sequence)
            reading.leaves.append(self._maker.of_gap(self._next, arrived))
        fresh = arrived.sequence > reading.position.held_until
        reading.leaves += [x for x in self._maker.leaves(arrived) if fresh or not self._holds(x)]
        self._next = arrived.sequence + 1
        reading.position = msgspec.structs.replace(
            reading.position, sequence=arrived.sequence, digest=_digest(arrived.data)
        )

    def _holds(self, leaf: Leaf) -> bool:
        return any(
            self._tree.entry(i) == leaf.entry
            for i in find(self._tree, leaf.entry, leaf.received_at)
        )


def _arrived(message: Msg) -> Arrived:
    about = message.metadata
    stored_at = int(about.timestamp.timestamp() * 1_000_000)
    return Arrived(about.sequence.stream, stored_at, message.data)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
