"""A proof that stands alone (c2sp.org/tlog-proof): index, path to the root, signed checkpoint."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from panjereh.exchange.evidence.merkle import ProofRefused
from panjereh.exchange.evidence.note import NoteRefused, strict_base64

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
_INDEX = re.compile("index (0|[1-9][0-9]{0,18})")
_EXTRA = "extra "


@dataclass(frozen=True)
class LogProof:
    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    @classmethod
    def parse(cls, text: str) -> "LogProof":
        head, separator, checkpoint = text.partition("\n\n")
        header, *lines = head.split("\n")
        if header != HEADER or not separator or not lines:
            raise ProofRefused(f"a proof begins with the line {HEADER}")
        extra = lines.pop(0).removeprefix(_EXTRA) if lines[0].startswith(_EXTRA) else ""
        index = _INDEX.fullmatch(lines[0]) if lines else None
        if not index or len(lines) > MAX_HASHES + 1:
            raise ProofRefused("the proof names no index, or has too many hashes")
        try:
            path = read_hashes(lines[1:])
            return cls(int(index[1]), path, checkpoint, strict_base64(extra))
        except NoteRefused as error:
            raise ProofRefused(str(error)) from error

    def __str__(self) -> str:
        extra = f"{_EXTRA}{base64.b64encode(self.extra).decode()}\n" if self.extra else ""
        hashes = write_hashes(self.path)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.checkpoint}"


def read_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    path = tuple(strict_base64(line) for line in lines)
    if any(len(step) != 32 for step in path):
        raise ProofRefused("a hash of the proof has not 32 bytes")
    return path


def write_hashes(path: Sequence[bytes]) -> str:
    return "".join(base64.b64encode(step).decode() + "\n" for step in path)
