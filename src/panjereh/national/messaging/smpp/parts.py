"""The user data of one part: UCS2 text behind the header that joins parts (3GPP TS 23.040)."""

from dataclasses import dataclass

from panjereh.national.messaging.smpp.pdu import HAS_HEADER, TLV_PAYLOAD, UCS2, Frame
from panjereh.national.messaging.text import ENCODING

_REFERENCE_8, _REFERENCE_16 = 0x00, 0x08


@dataclass(frozen=True)
class Part:
    text: str
    reference: int = 0
    total: int = 1
    number: int = 1


def pack(part: Part) -> tuple[bytes, int]:
    """The user data and its `esm_class`."""
    body = part.text.encode(ENCODING)
    if part.total == 1:
        return body, 0
    header = bytes([5, _REFERENCE_8, 3, part.reference, part.total, part.number])
    return header + body, HAS_HEADER


def unpack(frame: Frame) -> Part:
    """Read a part with an 8-bit or a 16-bit reference; other headers are skipped."""
    data = frame.octets("short_message") or frame.tlvs.get(TLV_PAYLOAD, b"")
    encoding = ENCODING if frame.number("data_coding") == UCS2 else "latin-1"
    if not frame.number("esm_class") & HAS_HEADER:
        return Part(data.decode(encoding, "replace"))
    header, body = data[1 : 1 + data[0]], data[1 + data[0] :]
    reference, total, number = _joining(header)
    return Part(body.decode(encoding, "replace"), reference, total, number)


def _joining(header: bytes) -> tuple[int, int, int]:
    while len(header) >= 2:
        kind, length = header[0], header[1]
        value = header[2 : 2 + length]
        if kind == _REFERENCE_8 and length == 3:
            return value[0], value[1], value[2]
        if kind == _REFERENCE_16 and length == 4:
            return int.from_bytes(value[:2], "big"), value[2], value[3]
        header = header[2 + length :]
    return 0, 1, 1
