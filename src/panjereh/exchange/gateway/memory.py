"""What the worker processes of one gateway remember together: a message that one of them took is
refused by all.

The memory is a mapping that they inherit from their parent, so it outlives a worker that dies. A
message is 64 bits of a keyed hash in a table with open addressing; two that fall together would be
a false refusal, once in thousands of years at the nation's rate. A record lock guards the table:
the kernel takes it back from a process that is killed.
"""

import fcntl
import hashlib
import mmap
import os
import secrets
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.caller import MEMORY_SECONDS

SLOTS: Final = 1 << 21  # 13,000 messages a second for as long as they are remembered
FULLEST: Final = 0.8
_HEAD: Final = struct.Struct("<dQQ")  # when the generations turned, which is young, how many it has
_SLOT: Final = struct.Struct("<Q")
_TABLES_AT: Final = 4096


class SharedReplays:
    """As `caller.Replays`, for several processes: make it before they are forked."""

    def __init__(self, slots: int = SLOTS, clock: Callable[[], float] = time.time) -> None:
        self._slots, self._clock = slots, clock
        self._file = os.memfd_create("replays")
        os.truncate(self._file, _TABLES_AT + 2 * slots * _SLOT.size)
        self._memory = mmap.mmap(self._file, 0)
        self._key = secrets.token_bytes(32)
        _HEAD.pack_into(self._memory, 0, clock(), 0, 0)

    def remember(self, message: str) -> bool:
        """False when it was remembered before. Raises `overloaded` when no more can be."""
        mark = self._mark(message)
        with self._locked():
            young, count = self._turned()
            place, known = self._find(young, mark)
            if known or self._find(1 - young, mark)[1]:
                return False
            if count >= self._slots * FULLEST:
                raise faults.overloaded()
            _SLOT.pack_into(self._memory, place, mark)
            _SLOT.pack_into(self._memory, 16, count + 1)
        return True

    def _mark(self, message: str) -> int:
        """Never 0, which is an empty slot."""
        digest = hashlib.blake2b(message.encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "little") or 1

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _turned(self) -> tuple[int, int]:
        """The young generation and how many it has, after the turn that may be due."""
        turned, young, count = _HEAD.unpack_from(self._memory, 0)
        now = self._clock()
        if now - turned < MEMORY_SECONDS:
            return young, count
        young = 1 - young
        begin, size = self._table(young), self._slots * _SLOT.size
        self._memory[begin : begin + size] = bytes(size)
        _HEAD.pack_into(self._memory, 0, now, young, 0)
        return young, 0

    def _find(self, generation: int, mark: int) -> tuple[int, bool]:
        """Where the mark stands or would stand, and whether it does."""
        begin = self._table(generation)
        slot = mark % self._slots
        while True:
            place = begin + slot * _SLOT.size
            found = _SLOT.unpack_from(self._memory, place)[0]
            if found in {0, mark}:
                return place, found == mark
            slot = (slot + 1) % self._slots

    def _table(self, generation: int) -> int:
        return _TABLES_AT + generation * self._slots * _SLOT.size
