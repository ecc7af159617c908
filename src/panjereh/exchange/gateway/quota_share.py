"""Tell the other gateways what was taken of each grant, and learn what they took.

Counts lie in a JetStream key-value bucket: one key per day, gateway and block of grants, written
twice a second when something changed, read by all as it is written. A gateway that starts learns
the day from it, so a restart gives nobody a second quota. While the stream is away each gateway
counts for itself; then no call can be recorded either, so none is answered.
"""

import asyncio
import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec
import nats
from nats.aio.client import Client
from nats.js.api import KeyValueConfig, StorageType
from nats.js.errors import BucketNotFoundError
from nats.js.kv import KeyValue

from panjereh.exchange.gateway.quota import Elsewhere, Quotas

log = logging.getLogger("panjereh.exchange.quota")

BUCKET = "QUOTA"
SHARE_SECONDS = 0.5
RETRY_SECONDS = 1.0
KEEP_SECONDS = 2 * 86_400
BLOCK = 256  # grants that share a key

_ERRORS = (nats.errors.Error, asyncio.TimeoutError, OSError)


class Counts(msgspec.Struct):
    """What one gateway took of a block of grants."""

    minute: int
    minutes: dict[int, int]
    days: dict[int, int]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Counts).decode


class QuotaShare:
    """`run` shares until the process ends. Its id is new with each start: what an earlier gateway
    of the same name took is somebody else's."""

    def __init__(self, servers: str | list[str], quotas: Quotas, replicas: int = 1) -> None:
        self._servers, self._quotas, self._replicas = servers, quotas, replicas
        self._id = uuid.uuid4().hex
        self._others: dict[int, dict[str, Counts]] = defaultdict(dict)  # by block, by gateway
        self._day = 0

    async def run(self) -> None:
        while True:
            try:
                client = await nats.connect(self._servers, max_reconnect_attempts=1, error_cb=_log)
                try:
                    await self._share(client)
                finally:
                    await client.close()
            except _ERRORS as error:
                log.warning("exchange.quota.waiting error=%s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _share(self, client: Client) -> None:
        """Until the connection is lost; then everything of this gateway is told again."""
        bucket = await self._bucket(client)
        self._quotas.changed.update(self._quotas.days)
        watch = asyncio.create_task(self._watch(bucket))
        try:
            while client.is_connected and not watch.done():
                await self._tell(bucket)
                await asyncio.sleep(SHARE_SECONDS)
        finally:
            watch.cancel()

    async def _bucket(self, client: Client) -> KeyValue:
        stream = client.jetstream()
        try:
            return await stream.key_value(BUCKET)
        except BucketNotFoundError:
            return await stream.create_key_value(
                KeyValueConfig(
                    bucket=BUCKET,
                    ttl=KEEP_SECONDS,
                    storage=StorageType.FILE,
                    replicas=self._replicas,
                )
            )

    async def _tell(self, bucket: KeyValue) -> None:
        quotas = self._quotas
        quotas.turn()
        changed, quotas.changed = quotas.changed, set()
        try:
            for block in sorted({grant // BLOCK for grant in changed}):
                key = f"{quotas.day}.{self._id}.{block}"
                await bucket.put(key, _encode(self._counts(block)))
        except _ERRORS:
            quotas.changed |= changed
            raise

    def _counts(self, block: int) -> Counts:
        grants = range(block * BLOCK, (block + 1) * BLOCK)
        minutes, days = self._quotas.minutes, self._quotas.days
        return Counts(
            self._quotas.minute,
            {grant: minutes[grant] for grant in grants if grant in minutes},
            {grant: days[grant] for grant in grants if grant in days},
        )

    async def _watch(self, bucket: KeyValue) -> None:
        watcher = await bucket.watchall()
        while True:
            entry: Any = await watcher.updates(timeout=None)  # type: ignore[no-untyped-call]
            if entry is not None and entry.value:
                self.learn(entry.key, entry.value)

    def learn(self, key: str, value: bytes) -> None:
        """Take in what a gateway told. Days gone by are forgotten with the first of a new one."""
        day, gateway, block = key.split(".")
        self._quotas.turn()
        if gateway == self._id or int(day) != self._quotas.day:
            return
        if self._day != self._quotas.day:
            self._day, self._others = self._quotas.day, defaultdict(dict)
        self._others[int(block)][gateway] = _decode(value)
        self._sum(self._others[int(block)].values())

    def _sum(self, told: Iterable[Counts]) -> None:
        """Of the grants of one block; minutes gone by count nothing."""
        elsewhere = self._current()
        minutes: dict[int, int] = defaultdict(int)
        days: dict[int, int] = defaultdict(int)
        for counts in told:
            for grant, taken in counts.days.items():
                days[grant] += taken
            if counts.minute == elsewhere.minute:
                for grant, taken in counts.minutes.items():
                    minutes[grant] += taken
        elsewhere.days.update(days)
        elsewhere.minutes.update(minutes)

    def _current(self) -> Elsewhere:
        quotas = self._quotas
        elsewhere = quotas.elsewhere
        if (elsewhere.minute, elsewhere.day) != (quotas.minute, quotas.day):
            days = elsewhere.days if elsewhere.day == quotas.day else {}
            quotas.elsewhere = elsewhere = Elsewhere(quotas.minute, quotas.day, days=days)
        return elsewhere


async def _log(error: Exception) -> None:
    log.warning("exchange.quota.connection error=%s", type(error).__name__)
