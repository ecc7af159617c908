"""A small SMSC: what a mobile operator is to the pump, over a real socket, with faults to order."""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from panjereh.common import clock
from panjereh.national.messaging.smpp import pdu
from panjereh.national.messaging.smpp.parts import Part, unpack
from panjereh.national.messaging.smpp.pdu import Frame, Malformed, decode, encode, read_frame

log = logging.getLogger("panjereh.sandbox.smsc")


@dataclass(frozen=True)
class Arrival:
    mobile: str
    sender: str
    part: Part
    validity: str


@dataclass
class Faults:
    """How the centre misbehaves; counts go down to zero and then it behaves."""

    throttled_share: float = 0.0
    lose_responses: int = 0
    drop_after: int = 0
    receipt_first: bool = False
    receipts_each: int = 1
    silent: bool = False


Keep = Callable[[Arrival], Awaitable[None]]


@dataclass
class Centre:
    """`keep` commits an arrival; the submitter hears of it only after that."""

    system_id: str
    password: str
    keep: Keep
    faults: Faults = field(default_factory=Faults)
    unacknowledged: dict[str, bytes] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends; whatever ends it, the centre goes on."""
        try:
            await _Visit(self, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError):
            log.info("smsc.connection.ended")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


class _Visit:
    """One bound client."""

    def __init__(
        self, centre: Centre, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._centre, self._reader, self._writer = centre, reader, writer
        self._bound = False
        self._sequence = 0
        self._told: dict[int, str] = {}

    async def run(self) -> None:
        while True:
            try:
                frame = decode(await read_frame(self._reader))
            except Malformed as error:
                self._write("generic_nack", error.sequence, pdu.INVALID_COMMAND)
                continue
            if frame.command == "unbind":
                self._write("unbind_resp", frame.sequence)
                return
            await self._deal(frame)
            await self._writer.drain()

    async def _deal(self, frame: Frame) -> None:
        match frame.command:
            case "bind_transceiver":
                self._bind(frame)
            case "enquire_link":
                self._write("enquire_link_resp", frame.sequence)
            case "submit_sm" if self._bound:
                await self._submit(frame)
            case "submit_sm":
                self._write("submit_sm_resp", frame.sequence, pdu.WRONG_BIND_STATE)
            case "deliver_sm_resp":
                self._centre.unacknowledged.pop(self._told.pop(frame.sequence, ""), None)
            case _ if not frame.is_response:
                self._write("generic_nack", frame.sequence, pdu.INVALID_COMMAND)

    def _bind(self, frame: Frame) -> None:
        known = (self._centre.system_id, self._centre.password)
        if (frame.text("system_id"), frame.text("password")) != known:
            self._write("bind_transceiver_resp", frame.sequence, pdu.INVALID_PASSWORD)
            return
        self._bound = True
        self._write("bind_transceiver_resp", frame.sequence, system_id="sandbox")
        for message_id in list(self._centre.unacknowledged):
            self._tell(message_id)

    async def _submit(self, frame: Frame) -> None:
        faults = self._centre.faults
        if random.random() < faults.throttled_share:  # noqa: S311 - a fault, not a secret
            self._write("submit_sm_resp", frame.sequence, pdu.THROTTLED)
            return
        await self._centre.keep(_arrival(frame))
        message_id = secrets.token_hex(8)
        if frame.number("registered_delivery") & pdu.RECEIPT_WANTED:
            self._centre.unacknowledged[message_id] = _receipt_text(message_id)
        if faults.receipt_first:
            self._tell(message_id)
        self._respond(frame, message_id)
        if not faults.receipt_first:
            self._tell(message_id)

    def _respond(self, frame: Frame, message_id: str) -> None:
        faults = self._centre.faults
        if faults.drop_after:
            faults.drop_after -= 1
            if not faults.drop_after:
                raise ConnectionAbortedError("dropped to order")
        if faults.silent:
            return
        if faults.lose_responses:
            faults.lose_responses -= 1
            return
        self._write("submit_sm_resp", frame.sequence, message_id=message_id)

    def _tell(self, message_id: str) -> None:
        """Deliver the receipt; it is told again at the next bind until it is acknowledged."""
        text = self._centre.unacknowledged.get(message_id)
        if text is None or self._centre.faults.silent:
            return
        for _ in range(self._centre.faults.receipts_each):
            self._sequence += 1
            self._told[self._sequence] = message_id
            self._write(
                "deliver_sm",
                self._sequence,
                esm_class=pdu.IS_RECEIPT,
                short_message=text,
                receipted_message_id=message_id,
                message_state=2,
            )

    def _write(self, command: str, sequence: int, status: int = pdu.OK, **fields: object) -> None:
        self._writer.write(encode(command, sequence=sequence, status=status, **fields))


def _arrival(frame: Frame) -> Arrival:
    return Arrival(
        mobile="+" + frame.text("destination_addr"),
        sender=frame.text("source_addr"),
        part=unpack(frame),
        validity=frame.text("validity_period"),
    )


def _receipt_text(message_id: str) -> bytes:
    at = clock.now().strftime("%y%m%d%H%M")
    return (
        f"id:{message_id} sub:001 dlvrd:001 submit date:{at} done date:{at} stat:DELIVRD err:000"
    ).encode()
