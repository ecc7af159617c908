"""The right edge of a growing tree: which tiles a new entry changes."""

from collections.abc import Callable

from panjereh.exchange.evidence import merkle
from panjereh.exchange.evidence.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    pack_entries,
    split_hashes,
    tile_path,
    unpack_entries,
    width_of,
)

Read = Callable[[str], bytes | None]


class EdgeDamaged(Exception):
    """The tiles at the edge are not those of the tree they should belong to."""


class Growth:
    """Keeps one unfinished tile of each level, and the files that changed since the last `take`."""

    def __init__(self) -> None:
        self.size = 0
        self.entries: list[bytes] = []
        self._levels: list[list[bytes]] = [[]]
        self._full: dict[str, bytes] = {}
        self._touched: set[int] = set()

    @classmethod
    def load(cls, read: Read, size: int) -> "Growth":
        growth = cls()
        growth.size = size
        growth._levels = []
        while size >> (HEIGHT * len(growth._levels)) or not growth._levels:
            level = len(growth._levels)
            growth._levels.append(split_hashes(_partial(read, level, level, size)))
        growth.entries = list(unpack_entries(_partial(read, ENTRIES, 0, size)))
        if [merkle.leaf_hash(entry) for entry in growth.entries] != growth._levels[0]:
            raise EdgeDamaged("the last entries are not those that the tree holds")
        return growth

    def add(self, entry: bytes) -> None:
        self.entries.append(entry)
        if len(self.entries) == WIDTH:
            self._full[tile_path(ENTRIES, self.size // WIDTH)] = pack_entries(self.entries)
            self.entries = []
        self._push(0, merkle.leaf_hash(entry))
        self.size += 1

    def _push(self, level: int, hash_: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
        hashes = self._levels[level]
        hashes.append(hash_)
        self._touched.add(level)
        if len(hashes) == WIDTH:
            index = self.size >> (HEIGHT * (level + 1))
            self._full[tile_path(level, index)] = b"".join(hashes)
            self._levels[level] = []
            self._push(level + 1, merkle.perfect_root(hashes))

    def root(self) -> bytes:
        """Of the perfect subtrees at the edge, from the smallest on the right to the left."""
        found = None
        for hashes in self._levels:
            place = len(hashes)
            while place:
                width = place & -place
                part = merkle.perfect_root(hashes[place - width : place])
                found = merkle.node_hash(part, found) if found else part
                place -= width
        return found or merkle.EMPTY_ROOT

    def take(self) -> tuple[dict[str, bytes], list[str]]:
        """Files to write, and folders of partial tiles that full ones have replaced."""
        full, touched = self._full, self._touched
        self._full, self._touched = {}, set()
        partial = {self._path(level): b"".join(self._levels[level]) for level in touched}
        if self.entries:
            partial[self._path(ENTRIES)] = pack_entries(self.entries)
        return full | {k: v for k, v in partial.items() if v}, [f"{name}.p" for name in full]

    def _path(self, level: int | str) -> str:
        height = 0 if level == ENTRIES else int(level)
        index = self.size >> (HEIGHT * (height + 1))
        return tile_path(level, index, len(self._levels[height]))


def _partial(read: Read, name: int | str, level: int, size: int) -> bytes:
    index = size >> (HEIGHT * (level + 1))
    width = width_of(level, index, size)
    if not width:
        return b""
    data = read(tile_path(name, index, width))
    if data is None:
        raise EdgeDamaged(f"{tile_path(name, index, width)} is missing")
    return data
