"""The one writer of a log. What is committed survives a kill and a loss of power.

Order of a commit: entries and tiles, then the state that says they count, then the checkpoint that
tells the world. A crash before the state leaves files that the next run writes again, the same.
"""

import fcntl
import os
from collections.abc import Iterable

import msgspec

from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.growth import EdgeDamaged, Growth
from panjereh.exchange.evidence.keys import LogKeys
from panjereh.exchange.evidence.leaf import Leaf, received_at
from panjereh.exchange.evidence.note import NoteRefused, check_signatures, signed
from panjereh.exchange.evidence.spans import Spans
from panjereh.exchange.evidence.stored import (
    CHECKPOINT,
    Published,
    StoredTree,
    TileMissing,
    published,
)
from panjereh.exchange.evidence.tiles import BundleRefused

STATE = "state"
_DAMAGES = (EdgeDamaged, TileMissing, BundleRefused, NoteRefused, msgspec.MsgspecError)


class LogDamaged(Exception):
    """Files of the log contradict one another or what was signed; nothing more is signed on them.

    The text says which; the log is brought back from a copy, never mended by signing.
    """


class LogBusy(Exception):
    """Another process writes this log."""


class Position(msgspec.Struct, frozen=True):
    """How far the stream has been read: which stream, its last message and that one's digest.

    Messages up to `held_until` may be in the log already, from another life of the stream.
    """

    stream: str = ""
    sequence: int = 0
    digest: str = ""
    held_until: int = 0


class State(msgspec.Struct, frozen=True):
    size: int
    root: str
    position: Position


class Log:
    def __init__(self, folder: Folder, keys: LogKeys) -> None:
        """Take the log for this process, and check that what is on the disk is what was signed."""
        folder.path.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._keys = keys
        self._lock: int | None = _locked(folder)
        try:
            self._state = self._load()
            self._publish()
        except _DAMAGES as error:
            self.close()
            raise LogDamaged(str(error)) from error
        except BaseException:
            self.close()
            raise

    @property
    def size(self) -> int:
        return self._state.size

    @property
    def position(self) -> Position:
        return self._state.position

    @property
    def tree(self) -> StoredTree:
        return StoredTree(self.folder, self.size)

    def append(self, leaves: Iterable[Leaf], position: Position) -> Published:
        """Commit leaves and the position after them together. After an error, open it anew."""
        for leaf in leaves:
            self._spans.note(self._growth.size, leaf.received_at)
            self._growth.add(leaf.entry)
        files, replaced = self._growth.take()
        self.folder.write(files)
        self._spans.write(self.folder, self._growth.size)
        self._state = State(self._growth.size, self._growth.root().hex(), position)
        self.folder.write({STATE: msgspec.json.encode(self._state)})
        self._publish()
        for name in replaced:
            self.folder.remove_folder(name)
        return self.published

    def attach(self, seen: Published, cosignatures: list[str]) -> None:
        """Publish what witnesses signed, unless the log has a newer checkpoint by now."""
        if seen.head == self.published.head:
            own = [s.line for s in seen.note.signatures if s.name == seen.head.origin]
            self._write(signed(seen.note.text, [*own, *cosignatures]))

    def close(self) -> None:
        """Once is enough, and twice does no harm."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _load(self) -> State:
        data = self.folder.read(STATE)
        if data is None:
            return self._begin()
        state = msgspec.json.decode(data, type=State)
        self._growth = Growth.load(self.folder.read, state.size)
        if self._growth.root().hex() != state.root:
            raise LogDamaged("the tiles do not lead to the root of the state")
        unfinished = [received_at(entry) for entry in self._growth.entries]
        self._spans = Spans.load(self.folder, state.size, unfinished)
        self._check_published(state)
        return state

    def _begin(self) -> State:
        if self.folder.read(CHECKPOINT) is not None:
            raise LogDamaged("there is a checkpoint, but the state of the log is gone")
        self._growth, self._spans = Growth(), Spans()
        state = State(0, self._growth.root().hex(), Position())
        self.folder.write({STATE: msgspec.json.encode(state)})
        return state

    def _check_published(self, state: State) -> None:
        """A log put back from an old copy must not sign another tree of a size it has signed."""
        if (last := published(self.folder)) is None:
            return
        check_signatures(last.note, self._keys.trusted)
        if last.head.origin != self._keys.signer.name:
            raise LogDamaged("the checkpoint is that of another log")
        if last.head.size > state.size:
            raise LogDamaged("the log is shorter than its checkpoint says")
        if StoredTree(self.folder, state.size).root_at(last.head.size) != last.head.root:
            raise LogDamaged("the tiles do not lead to the root that was signed")

    def _publish(self) -> None:
        head = Checkpoint(self._keys.signer.name, self.size, bytes.fromhex(self._state.root))
        last = published(self.folder)
        if last and last.head == head:
            self.published = last
        else:
            self._write(signed(head.text, [self._keys.signer.sign(head.text)]))

    def _write(self, note: str) -> None:
        self.folder.write({CHECKPOINT: note.encode()})
        self.published = Published.parse(note)


def _locked(folder: Folder) -> int:
    handle = os.open(folder.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise LogBusy("another process writes this log") from error
    return handle
