"""The stream of records as the gateways fill it, and as an accident leaves it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import nats
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DiscardPolicy, RetentionPolicy, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError

from panjereh.exchange.records import DURABLE, STREAM, SUBJECT, Record, encode

Deed = Callable[[JetStreamContext], Awaitable[object]]


class Feed:
    def __init__(self, url: str) -> None:
        self.url = url

    def begin(self, retention: RetentionPolicy = RetentionPolicy.LIMITS) -> None:
        """A new and empty stream; an old one goes, with its consumers."""

        async def make(stream: JetStreamContext) -> None:
            with suppress(NotFoundError):
                await stream.delete_stream(STREAM)
            config = StreamConfig(STREAM, subjects=["records.>"], retention=retention)
            config.discard = DiscardPolicy.NEW
            await stream.add_stream(config)

        self._do(make)

    def put(self, *batches: Sequence[Record] | bytes) -> None:
        """One message for each batch, in order."""

        async def publish(stream: JetStreamContext) -> None:
            for batch in batches:
                data = batch if isinstance(batch, bytes) else encode(batch)
                message = {"Nats-Msg-Id": uuid.uuid4().hex}
                await stream.publish(SUBJECT, data, stream=STREAM, headers=message)

        self._do(publish)

    def remove(self, sequence: int) -> None:
        self._do(lambda stream: stream.delete_msg(STREAM, sequence))

    def info(self) -> StreamInfo:
        return self._do(lambda stream: stream.stream_info(STREAM))  # type: ignore[return-value]

    def collector_has_read(self, count: int) -> None:
        """As far as the collector of the books has acknowledged."""

        async def read(stream: JetStreamContext) -> None:
            config = ConsumerConfig(max_ack_pending=1000)
            reader = await stream.pull_subscribe(
                "records.>", durable=DURABLE, stream=STREAM, config=config
            )
            for message in await reader.fetch(count, timeout=5) if count else []:
                await message.ack_sync()

        self._do(read)

    def do(self, deed: Deed) -> object:
        return self._do(deed)

    def _do(self, deed: Deed) -> object:
        async def run() -> object:
            client = await nats.connect(self.url)
            try:
                return await deed(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(run())
