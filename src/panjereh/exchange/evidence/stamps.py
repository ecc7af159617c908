"""Time stamps over checkpoints, once a minute, each beside the checkpoint it is over.

`stamps/index` has a row (size of the log, when) for every stamp, in their order.
"""

import logging
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from panjereh.common import clock
from panjereh.exchange.evidence.authority import TimeAuthority
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.outside import Unreachable
from panjereh.exchange.evidence.stored import Published
from panjereh.exchange.evidence.tiles import grouped
from panjereh.exchange.evidence.timestamps import (
    StampRefused,
    check_answers,
    check_stamp,
    stamp_request,
)

log = logging.getLogger("panjereh.exchange.evidence")

_INDEX = "stamps/index"
_ROW = struct.Struct(">QQ")


@dataclass(frozen=True)
class Stamp:
    """A checkpoint as it was published, and the authority's response over its text."""

    note: str
    response: bytes


@dataclass(frozen=True)
class TrustedTime:
    roots: Sequence[x509.Certificate]
    between: Sequence[x509.Certificate]

    @classmethod
    def load(cls, folder: Path) -> "TrustedTime":
        return cls(_certificates(folder / "roots"), _certificates(folder / "chain"))


@dataclass(frozen=True)
class Stamper:
    folder: Folder
    authority: TimeAuthority
    trusted: TrustedTime

    async def stamp(self, seen: Published) -> bool:
        """Never in the way of the log: where there is no stamp, everybody sees the gap."""
        if seen.head.size == last_stamped(self.folder):
            return False
        request = stamp_request(seen.note.text)
        try:
            response = await self.authority.answer(request)
            check_answers(response, request)
            check_stamp(response, seen.note.text, self.trusted.roots, self.trusted.between)
        except (Unreachable, StampRefused) as error:
            log.warning("exchange.evidence.not-stamped size=%s reason=%s", seen.head.size, error)
            return False
        self._keep(seen, response)
        return True

    def _keep(self, seen: Published, response: bytes) -> None:
        name = f"stamps/{grouped(seen.head.size)}"
        self.folder.write({f"{name}.note": str(seen.note).encode(), f"{name}.tsr": response})
        row = _ROW.pack(seen.head.size, int(clock.now().timestamp()))
        self.folder.write_rows(_INDEX, len(_sizes(self.folder)), row, _ROW.size)


def last_stamped(folder: Folder) -> int:
    """The size of the log at its last stamp; 0 when there is none."""
    return max(_sizes(folder), default=0)


def last_stamp(folder: Folder) -> tuple[int, datetime] | None:
    """The size of the log at its last stamp, and when that was."""
    rows = _rows(folder)
    if not rows:
        return None
    size, seconds = rows[-1]
    return size, datetime.fromtimestamp(seconds, UTC)


def stamp_of(folder: Folder, size: int) -> Stamp | None:
    note = folder.read(f"stamps/{grouped(size)}.note")
    response = folder.read(f"stamps/{grouped(size)}.tsr")
    return Stamp(note.decode(), response) if note and response else None


def first_stamp_over(folder: Folder, index: int) -> Stamp | None:
    """The earliest stamp whose checkpoint covers the entry: the best witness of its time."""
    sizes = _sizes(folder)
    found = next((size for size in sizes if size > index), None)
    return stamp_of(folder, found) if found else None


def stamps(folder: Folder, newest: int = 0) -> Iterator[Stamp]:
    """The newest ones, or all of them."""
    for size in _sizes(folder)[-newest:]:
        if stamp := stamp_of(folder, size):
            yield stamp


def _sizes(folder: Folder) -> list[int]:
    return [size for size, _ in _rows(folder)]


def _rows(folder: Folder) -> list[tuple[int, int]]:
    data = folder.read(_INDEX) or b""
    whole = len(data) - len(data) % _ROW.size
    return [(size, seconds) for size, seconds in _ROW.iter_unpack(data[:whole]) if size]


def _certificates(folder: Path) -> list[x509.Certificate]:
    files = sorted(folder.glob("*.crt"))
    return [x509.load_pem_x509_certificate(file.read_bytes()) for file in files]
