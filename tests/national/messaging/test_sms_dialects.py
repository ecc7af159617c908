"""What operators really send: every row that broke another library is read here, or refused
without losing the connection."""

import asyncio
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from air import Air, states, until

from panjereh.national.messaging.models import State
from panjereh.national.messaging.smpp.pdu import Frame, Malformed, decode, encode, read_frame
from panjereh.national.messaging.smpp.receipts import Receipt, read


def deliver(text: bytes = b"", tlvs: bytes = b"", *, esm_class: int = 4) -> bytes:
    """A deliver_sm as another hand writes it."""
    body = (
        b"\0"  # service type
        b"\x01\x01989121234567\0"
        b"\0\x004040\0"
        + bytes([esm_class, 0, 0])
        + b"\0\0"  # times
        + bytes([0, 0, 0, 0, len(text)])
        + text
        + tlvs
    )
    return struct.pack(">LLLL", 16 + len(body), 0x05, 0, 77) + body


def cut_short(sequence: int) -> bytes:
    """It says more text than it brings."""
    body = deliver(b"id:ab12 stat:DELIVRD")[16:-3]
    return struct.pack(">LLLL", 16 + len(body), 0x05, 0, sequence) + body


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def receipt(data: bytes) -> Receipt | None:
    return read(decode(data))


TEXT = b"id:%s sub:001 dlvrd:001 submit date:%s done date:%s stat:%s err:%s text:..."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            deliver(TEXT % (b"ab12", b"2611220830", b"2611220831", b"DELIVRD", b"000")),
            Receipt("ab12", State.DELIVERED, "000"),
            id="usual",
        ),
        pytest.param(
            deliver(TEXT % (b"ab12", b"261122083000", b"261122083100", b"UNDELIV", b"00B")),
            Receipt("ab12", State.UNDELIVERABLE, "00B"),
            id="twelve-digit dates and an error in hexadecimal",
        ),
        pytest.param(
            deliver(b"", tlv(0x001E, b"ab12\0") + tlv(0x0427, b"\x02")),
            Receipt("ab12", State.DELIVERED),
            id="only in optional parameters",
        ),
        pytest.param(
            deliver(
                b"", tlv(0x001E, b"ab12") + tlv(0x0423, b"\x03\x00\x0b") + tlv(0x0427, b"\x05")
            ),
            Receipt("ab12", State.UNDELIVERABLE),
            id="a network error code in bytes, an id without its null",
        ),
        pytest.param(
            deliver(b"", tlv(0x1403, b"\xff\x80") + tlv(0x001E, b"ab12\0") + tlv(0x0427, b"\x03")),
            Receipt("ab12", State.EXPIRED),
            id="a vendor's own parameter",
        ),
        pytest.param(
            deliver(b"ID:ab12 STAT:delivrd"), Receipt("ab12", State.DELIVERED), id="capitals"
        ),
        pytest.param(
            deliver(b"id:ab12 stat:ENROUTE err:000"),
            Receipt("ab12", None, "000"),
            id="still on its way",
        ),
        pytest.param(
            deliver(b"", tlv(0x0501, b"\x12") + tlv(0x1383, b"\x01\x00"), esm_class=0),
            None,
            id="USSD with an empty text",
        ),
        pytest.param(deliver(b"id:fake stat:DELIVRD", esm_class=0), None, id="a person writes so"),
    ],
)
def test_a_receipt_in_any_dialect(data: bytes, expected: Receipt | None) -> None:
    assert receipt(data) == expected


def test_a_vendor_status_and_a_response_without_a_body_are_read() -> None:
    data = struct.pack(">LLLL", 16, 0x8000_0004, 0x450, 9)

    assert decode(data) == Frame("submit_sm_resp", 9, 0x450, {"message_id": None})


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">LLLL", 16, 0x7777, 0, 5),
        cut_short(5),
    ],
    ids=["unknown command", "cut short"],
)
def test_what_cannot_be_read_names_whom_to_answer(data: bytes) -> None:
    with pytest.raises(Malformed) as error:
        decode(data)

    assert error.value.sequence == 5


@pytest.mark.parametrize("length", [4, 70_000])
def test_lost_framing_ends_the_connection(length: int) -> None:
    async def fed() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(struct.pack(">L", length) + b"\0" * 20)
        await read_frame(reader)

    with pytest.raises(ConnectionError):
        asyncio.run(fed())


def test_every_frame_we_write_is_read_back() -> None:
    written = encode("submit_sm", sequence=7, source_addr="404011", short_message=b"\x06\x33")
    read_back = decode(written)

    assert (read_back.command, read_back.sequence) == ("submit_sm", 7)
    assert read_back.text("source_addr") == "404011"
    assert read_back.octets("short_message") == b"\x06\x33"


class Strange:
    """An operator that greets every client with PDUs it does not expect, then answers."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bind = decode(await read_frame(reader))
        writer.write(encode("bind_transceiver_resp", sequence=bind.sequence, system_id="x"))
        writer.write(struct.pack(">LLLL", 16, 0x7777, 0, 1))
        writer.write(cut_short(2))
        writer.write(deliver("سلام".encode("utf-16-be"), esm_class=0))
        writer.write(encode("enquire_link", sequence=3))
        writer.write(encode("submit_sm_resp", sequence=999_999, message_id="unasked"))
        with suppress(asyncio.IncompleteReadError):
            while True:
                self.answer(decode(await read_frame(reader)), writer)
        writer.close()

    def answer(self, frame: Frame, writer: asyncio.StreamWriter) -> None:
        self.answers.append((frame.command, frame.status))
        if frame.command == "submit_sm":
            writer.write(encode("submit_sm_resp", sequence=frame.sequence, message_id="m1"))


def test_strange_pdus_cost_an_answer_and_not_the_connection(
    air: Air, send: Callable[..., Any]
) -> None:
    strange = Strange()
    air.centre.serve = strange.serve  # type: ignore[method-assign]
    air.start_pump()
    send("سلام")

    until(lambda: states() == {"accepted": 1})
    assert strange.answers[:4] == [
        ("generic_nack", 3),
        ("generic_nack", 3),
        ("deliver_sm_resp", 0x66),
        ("enquire_link_resp", 0),
    ]
