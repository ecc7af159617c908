"""SMPP PDUs: smpplib as a pure codec behind typed frames.

Operators speak dialects. Unknown optional parameters, vendor status codes and missing bodies are
read, not refused; what cannot be read at all is `Malformed` and costs one PDU, not the connection.
"""

import asyncio
import struct
from dataclasses import dataclass, field
from typing import Any

from smpplib import command_codes, smpp
from smpplib.exceptions import UnknownCommandError

HEADER_BYTES, MAX_BYTES = 16, 65_536

OK, INVALID_COMMAND, INVALID_PASSWORD, WRONG_BIND_STATE = 0x00, 0x03, 0x0E, 0x04
SYSTEM_ERROR, QUEUE_FULL, THROTTLED = 0x08, 0x14, 0x58
RECEIVER_REJECTS = 0x66
UCS2, HAS_HEADER, RECEIPT_WANTED, IS_RECEIPT = 0x08, 0x40, 0x01, 0x04
TLV_RECEIPTED_ID, TLV_PAYLOAD, TLV_MESSAGE_STATE = 0x001E, 0x0424, 0x0427


class Malformed(Exception):
    """A PDU that cannot be read; its header still says whom to answer."""

    def __init__(self, command: str, sequence: int) -> None:
        super().__init__(f"unreadable {command or 'command'}")
        self.command, self.sequence = command, sequence


@dataclass(frozen=True)
class Frame:
    command: str
    sequence: int
    status: int = OK
    fields: dict[str, Any] = field(default_factory=dict)
    tlvs: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_response(self) -> bool:
        return self.command.endswith("_resp") or self.command == "generic_nack"

    def text(self, name: str) -> str:
        value = self.fields.get(name) or b""
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)

    def number(self, name: str) -> int:
        return int(self.fields.get(name) or 0)

    def octets(self, name: str) -> bytes:
        return bytes(self.fields.get(name) or b"")


def encode(command: str, *, sequence: int, status: int = OK, **fields: Any) -> bytes:
    if status != OK or command == "generic_nack":
        return struct.pack(
            ">LLLL", HEADER_BYTES, command_codes.get_command_code(command), status, sequence
        )
    made = smpp.make_pdu(command, sequence=sequence, **fields)
    made.sequence = sequence
    return bytes(made.generate())


def decode(data: bytes) -> Frame:
    _, code, status, sequence = struct.unpack(">LLLL", data[:HEADER_BYTES])
    command = _name(code, sequence)
    tlvs: dict[int, bytes] = {}
    try:
        read = smpp.make_pdu(command, sequence=sequence)
        read.parse_optional_params = lambda rest: tlvs.update(_tlvs(rest))
        read.parse(data)
    except (struct.error, UnknownCommandError, KeyError, IndexError, ValueError) as error:
        raise Malformed(command, sequence) from error
    fields = {name: getattr(read, name, None) for name in read.params}
    if fields.get("sm_length") and len(fields["short_message"] or b"") != fields["sm_length"]:
        raise Malformed(command, sequence)
    return Frame(command, sequence, status, fields, tlvs)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The bytes of the next PDU. Raises `asyncio.IncompleteReadError` when the other side left."""
    start = await reader.readexactly(4)
    length = int.from_bytes(start, "big")
    if not HEADER_BYTES <= length <= MAX_BYTES:
        raise ConnectionError("the other side lost the framing")
    return start + await reader.readexactly(length - 4)


def _name(code: int, sequence: int) -> str:
    try:
        return str(command_codes.get_command_name(code))
    except UnknownCommandError as error:
        raise Malformed("", sequence) from error


def _tlvs(rest: bytes) -> dict[int, bytes]:
    found = {}
    while len(rest) >= 4:
        tag, length = struct.unpack(">HH", rest[:4])
        found[tag] = rest[4 : 4 + length]
        rest = rest[4 + length :]
    return found
