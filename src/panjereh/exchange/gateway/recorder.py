"""Make records durable before their answers leave: log or refuse.

Batches adapt themselves: whatever waits goes out as soon as the batch before it is acknowledged,
so a quiet gateway waits for one fsync and a busy one shares it among many calls.
"""

import asyncio
import logging
import time
import uuid
from collections import deque
from contextlib import suppress

import nats
from nats.aio.client import Client as Nats
from nats.js import JetStreamContext

from panjereh.exchange.gateway import faults
from panjereh.exchange.records import STREAM, SUBJECT, Record, encode, ensure_stream

log = logging.getLogger("panjereh.exchange.records")

ACK_SECONDS = 2.0
LAG_SECONDS = 1.0
RETRY_SECONDS = 0.2
BATCH_RECORDS = 500  # about 350 bytes each, far below the largest NATS message
BACKLOG_RECORDS = 10_000

_PUBLISH_ERRORS = (nats.errors.Error, asyncio.TimeoutError, OSError)

_Waiting = tuple[Record, "asyncio.Future[bool]"]


class Recorder:
    def __init__(self, servers: str | list[str], replicas: int = 1) -> None:
        self._servers, self._replicas = servers, replicas
        self._nats = Nats()
        self._stream: JetStreamContext = self._nats.jetstream(timeout=ACK_SECONDS)
        self._ready = False
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._sent_at: float | None = None
        self._refused: deque[Record] = deque(maxlen=BACKLOG_RECORDS)

    @property
    def open(self) -> bool:
        """Whether a call begun now is likely to be recorded; checked before it is forwarded."""
        lags = self._sent_at is not None and time.monotonic() - self._sent_at > LAG_SECONDS
        return self._ready and self._nats.is_connected and not lags

    async def run(self) -> None:
        """Connect, then carry records until the process ends."""
        await self._connect()
        while True:
            await self._awake()
            while self._waiting:
                batch, self._waiting = (
                    self._waiting[:BATCH_RECORDS],
                    self._waiting[BATCH_RECORDS:],
                )
                await self._carry(batch)
            if self._refused and self.open:
                await self._tell_refused()

    async def _awake(self) -> None:
        """A record waits; or refusals are to be told, which no later call need bring along."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), LAG_SECONDS if self._refused else None)
        self._wake.clear()

    async def record(self, record: Record) -> None:
        """Return when the record is durable; raise `logging_failed` when it is not."""
        if not self._ready:
            self._refuse(record)
            raise faults.logging_failed()
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((record, done))
        self._wake.set()
        if not await done:
            raise faults.logging_failed()

    async def _connect(self) -> None:
        """Without a buffer: a record that cannot go now is refused, not sent in secret later."""
        while not self._ready:
            try:
                if not self._nats.is_connected:
                    await self._nats.connect(
                        self._servers,
                        max_reconnect_attempts=-1,
                        reconnect_time_wait=RETRY_SECONDS,  # type: ignore[arg-type]  # a part of a second
                        pending_size=0,
                        error_cb=_log_error,
                    )
                await ensure_stream(self._stream, self._replicas)
                self._ready = True
            except _PUBLISH_ERRORS as error:
                log.warning("exchange.records.waiting error=%s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _carry(self, batch: list[_Waiting]) -> None:
        durable = await self._publish([record for record, _ in batch])
        for record, done in batch:
            if not durable:
                self._refuse(record)
            if not done.done():  # a caller that went away
                done.set_result(durable)
        if durable and self._refused:
            await self._tell_refused()

    async def _publish(self, records: list[Record]) -> bool:
        """One message for the batch; sent twice at most, under one id, so kept once."""
        body, message = encode(records), {"Nats-Msg-Id": uuid.uuid4().hex}
        for _ in range(2):
            self._sent_at = time.monotonic()
            try:
                await self._stream.publish(SUBJECT, body, stream=STREAM, headers=message)
            except _PUBLISH_ERRORS as error:
                log.warning("exchange.records.not-kept error=%s", type(error).__name__)
            else:
                return True
            finally:
                self._sent_at = None
        return False

    def _refuse(self, record: Record) -> None:
        """The answer is withheld, and that is told as soon as the stream is back.

        Should the first try have been kept after all, the collector prefers this outcome.
        """
        fault = faults.logging_failed()
        record.status, record.cause, record.error_code = fault.status, fault.cause, fault.type
        record.response_size, record.response_digest = 0, ""
        self._refused.append(record)

    async def _tell_refused(self) -> None:
        told = [self._refused.popleft() for _ in range(min(len(self._refused), BATCH_RECORDS))]
        if not await self._publish(told):
            self._refused.extendleft(reversed(told))


async def _log_error(error: Exception) -> None:
    log.warning("exchange.records.connection error=%s", type(error).__name__)
