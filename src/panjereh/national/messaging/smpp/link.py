"""One SMPP connection: bind, ask and get the answer, keep alive, say goodbye."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from panjereh.national.messaging.smpp.pdu import (
    INVALID_COMMAND,
    OK,
    Frame,
    Malformed,
    decode,
    encode,
    read_frame,
)

log = logging.getLogger("panjereh.messaging.smpp")

RESPONSE_SECONDS, IDLE_SECONDS, CONNECT_SECONDS, GOODBYE_SECONDS = 10.0, 30.0, 5.0, 1.0
_LAST_SEQUENCE = 0x7FFF_FFFF

OnFrame = Callable[[Frame], Awaitable[None]]


class LinkLost(Exception):
    """The connection is gone, or was never granted; what was in flight may or may not be there."""


class ResponseLate(Exception):
    """No answer in time; the PDU may have been dealt with."""


@dataclass(frozen=True)
class Operator:
    """Whom we bind to, as whom, how many unanswered PDUs it allows, and for how long."""

    host: str
    port: int
    system_id: str
    password: str
    window: int
    patience: float = RESPONSE_SECONDS


class Link:
    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, patience: float
    ) -> None:
        self._reader, self._writer, self._patience = reader, writer, patience
        self._waiting: dict[int, asyncio.Future[Frame]] = {}
        self._next = 1

    def reserve(self, count: int) -> int:
        """Take `count` sequence numbers in a row and return the first."""
        if self._next + count > _LAST_SEQUENCE:
            raise LinkLost("sequence numbers are used up")
        first, self._next = self._next, self._next + count
        return first

    async def ask(self, command: str, *, sequence: int | None = None, **fields: Any) -> Frame:
        """Send a request and wait for its response, as long as the response timer allows."""
        number = self.reserve(1) if sequence is None else sequence
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self.send(encode(command, sequence=number, **fields))
            async with asyncio.timeout(self._patience):
                return await answer
        except TimeoutError as error:
            raise ResponseLate(command) from error
        finally:
            self._waiting.pop(number, None)

    async def send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise LinkLost("write") from error

    async def listen(self, on_request: OnFrame, on_late: OnFrame) -> None:
        """Read until the connection ends; hand on requests and responses nobody waits for."""
        while True:
            frame = await self._read()
            if frame is None:
                continue
            if waiting := self._waiting.get(frame.sequence) if frame.is_response else None:
                if not waiting.done():
                    waiting.set_result(frame)
            elif frame.is_response:
                await on_late(frame)
            else:
                await self._request(frame, on_request)

    async def _request(self, frame: Frame, on_request: OnFrame) -> None:
        if frame.command == "enquire_link":
            await self.send(encode("enquire_link_resp", sequence=frame.sequence))
        elif frame.command == "unbind":
            await self.send(encode("unbind_resp", sequence=frame.sequence))
            raise LinkLost("the operator said goodbye")
        elif frame.command == "deliver_sm":
            await on_request(frame)
        else:
            await self._nack(frame.sequence)

    async def _read(self) -> Frame | None:
        try:
            return decode(await read_frame(self._reader))
        except Malformed as error:
            log.warning("smpp.pdu.unreadable command=%s", error.command or "unknown")
            await self._nack(error.sequence)
            return None
        except (OSError, asyncio.IncompleteReadError) as error:
            raise LinkLost("read") from error

    async def _nack(self, sequence: int) -> None:
        await self.send(encode("generic_nack", sequence=sequence, status=INVALID_COMMAND))

    async def keep_alive(self, idle: float = IDLE_SECONDS) -> None:
        while True:
            await asyncio.sleep(idle)
            try:
                await self.ask("enquire_link")
            except ResponseLate as error:
                raise LinkLost("the operator is silent") from error

    async def bind(self, operator: Operator) -> None:
        """Before anybody listens: read our own answer."""
        number = self.reserve(1)
        await self.send(
            encode(
                "bind_transceiver",
                sequence=number,
                system_id=operator.system_id,
                password=operator.password,
                system_type="",
            )
        )
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._read()
        except TimeoutError as error:
            raise LinkLost("no answer to bind") from error
        if answer is None or answer.status != OK:
            raise LinkLost(f"bind refused status={answer.status if answer else 'unreadable'}")

    async def goodbye(self) -> None:
        with suppress(LinkLost, TimeoutError, OSError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self.send(encode("unbind", sequence=self.reserve(1)))
                while (frame := await self._read()) is None or frame.command != "unbind_resp":
                    pass


@asynccontextmanager
async def bound(operator: Operator) -> AsyncIterator[Link]:
    """A bound connection; unbound and closed however the block ends."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(operator.host, operator.port)
    except (OSError, TimeoutError) as error:
        raise LinkLost("no connection") from error
    link = Link(reader, writer, patience=operator.patience)
    try:
        await link.bind(operator)
        yield link
        await link.goodbye()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
