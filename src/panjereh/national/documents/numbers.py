"""The two names of a document: one for machines, one that a person can read out.

The machine name (UUIDv7) stands in the QR code and cannot be guessed. The human one is
AAAA-YYYY-SSSSSSSSSS-C: agency, Jalali year, serial, check character. Its serial can be guessed, so
whoever knows only that learns status and kind, nothing more (DOC-22, TRK-11).
"""

import re
import secrets
import uuid
from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from persiantools.jdatetime import JalaliDate

from panjereh.common.text import ascii_digits
from panjereh.national.check_characters import ALPHANUMERIC, check_character

_LOOK_ALIKES = str.maketrans("OI", "01")
_HUMAN = re.compile(r"^([A-Z0-9]{4})(\d{4})(\d{10})([A-Z0-9])$")


def new_document_id(at: datetime) -> uuid.UUID:
    """UUIDv7 (RFC 9562): the time in front, so that the register grows at its end."""
    milliseconds = int(at.timestamp() * 1000)
    number = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return uuid.UUID(int=number | 0b10 << 62 | secrets.randbits(62))


def next_human_id(agency: str, at: datetime, serials: Iterator[int]) -> str:
    """The next number that nobody misreads: those whose check is O or I are left out."""
    numbers = (human_id(agency, serial, at) for serial in serials)
    return next(number for number in numbers if number[-1] not in "OI")


def human_id(agency: str, serial: int, at: datetime) -> str:
    year = JalaliDate(timezone.localdate(at)).year  # type: ignore[no-untyped-call]
    body = f"{agency}{year:04d}{serial:010d}"
    return _grouped(body + check_character(body, ALPHANUMERIC))


def parse_human_id(text: str) -> str | None:
    """The canonical form of what somebody typed, or None when it cannot be one of ours."""
    compact = re.sub(r"[\s\-]", "", ascii_digits(text)).upper()
    match = _HUMAN.match(compact)
    if match is None:
        return None
    check = check_character(compact[:-1], ALPHANUMERIC)
    # No document ends in O or I, so whoever typed one of them read a 0 or a 1.
    return _grouped(compact[:-1] + check) if compact[-1].translate(_LOOK_ALIKES) == check else None


def parse_document_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None


def _grouped(compact: str) -> str:
    return "-".join((compact[:4], compact[4:8], compact[8:18], compact[18]))
