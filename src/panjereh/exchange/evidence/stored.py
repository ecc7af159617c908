"""Read a log out of its files: entries, proofs, the published checkpoint."""

from dataclasses import dataclass, field

from panjereh.exchange.evidence import merkle, spans
from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.note import Note
from panjereh.exchange.evidence.tiles import (
    ENTRIES,
    HASH,
    HEIGHT,
    WIDTH,
    split_hashes,
    tile_path,
    unpack_entries,
    width_of,
)

CHECKPOINT = "checkpoint"
MAX_TILES = 256  # read and kept in memory: more than any proof needs, two megabytes


class TileMissing(Exception):
    """A tile or bundle that the tree needs is not there, or not as large as it should be."""


class EntryPruned(Exception):
    """The entry was older than the term and is no longer kept; its proofs stay valid."""


@dataclass(frozen=True)
class StoredTree:
    """The tree of the first `size` entries."""

    folder: Folder
    size: int
    _tiles: dict[tuple[int, int], list[bytes]] = field(default_factory=dict)

    def node(self, height: int, index: int) -> bytes:
        level, within = divmod(height, HEIGHT)
        first = index << within
        hashes = self.tile(level, first // WIDTH)
        part = hashes[first % WIDTH : first % WIDTH + (1 << within)]
        if len(part) != 1 << within:
            raise TileMissing(f"{tile_path(level, first // WIDTH)} is too short")
        return merkle.perfect_root(part)

    def tile(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._tiles:
            if len(self._tiles) == MAX_TILES:
                self._tiles.clear()
            data = self._read(level, level, index)
            if len(data) % HASH:
                raise TileMissing(f"{tile_path(level, index)} is cut short")
            self._tiles[level, index] = split_hashes(data)
        return self._tiles[level, index]

    def bundle(self, index: int) -> list[bytes]:
        if (index + 1) * WIDTH <= minimum_index(self.folder):
            raise EntryPruned
        return list(unpack_entries(self._read(ENTRIES, 0, index)))

    def entry(self, index: int) -> bytes:
        return self.bundle(index // WIDTH)[index % WIDTH]

    def root(self) -> bytes:
        return self.root_at(self.size)

    def root_at(self, size: int) -> bytes:
        """What the root was when the tree had `size` entries."""
        return merkle.root(self.node, size)

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        return tuple(merkle.inclusion_path(self.node, index, self.size))

    def consistency(self, old: int) -> tuple[bytes, ...]:
        return tuple(merkle.consistency_path(self.node, old, self.size))

    def _read(self, name: int | str, level: int, index: int) -> bytes:
        """The tile as wide as this tree needs it; a full one has taken the place of a partial."""
        width = width_of(level, index, self.size)
        for path in (tile_path(name, index, width), tile_path(name, index)):
            if width and (data := self.folder.read(path)) is not None:
                return data
        raise TileMissing(f"{tile_path(name, index, width or WIDTH)} is missing")


@dataclass(frozen=True)
class Published:
    note: Note
    head: Checkpoint

    @classmethod
    def parse(cls, note: str) -> "Published":
        parsed = Note.parse(note)
        return cls(parsed, Checkpoint.parse(parsed.text))


def published(folder: Folder) -> Published | None:
    """The newest checkpoint; None before there is any."""
    data = folder.read(CHECKPOINT)
    return Published.parse(data.decode()) if data else None


def find(tree: StoredTree, marks: bytes, received_at: int) -> list[int]:
    """Where the entries are that contain `marks` and were received then, in their order."""
    found = []
    for bundle in spans.overlapping(tree.folder, tree.size, received_at, received_at):
        try:
            entries = tree.bundle(bundle)
        except EntryPruned:
            continue
        first = bundle * WIDTH
        found += [i for i, e in enumerate(entries, first) if marks in e and i < tree.size]
    return found


def minimum_index(folder: Folder) -> int:
    """The first entry that is kept (c2sp.org/tlog-tiles, pruning); 0 while all are."""
    data = folder.read("minimum")
    return int(data) if data else 0
