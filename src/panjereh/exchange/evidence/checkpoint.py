"""The head of a log as a note's text (c2sp.org/tlog-checkpoint): origin, size, root."""

import base64
import re
from dataclasses import dataclass

from panjereh.exchange.evidence.note import NoteRefused, strict_base64

_SIZE = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Lines after the third mean nothing to us, but they are signed, so they may be there."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
            raise NoteRefused("this is not the head of a log")
        root = strict_base64(lines[2])
        if len(root) != 32:
            raise NoteRefused("the root of the log has not 32 bytes")
        return cls(lines[0], int(lines[1]), root)

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"
