"""Bring back what was lost of a log out of what is left; only what the signed root confirms.

Tiles are made of the entries below them. Entries are made of the collector's records, because a
record gives the same leaf every time (leaf.py), and the leaf's hash in the tree tells its place.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from panjereh.exchange.evidence import merkle
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.leaf import received_at
from panjereh.exchange.evidence.spans import Spans, read_spans
from panjereh.exchange.evidence.stored import (
    EntryPruned,
    StoredTree,
    TileMissing,
    minimum_index,
    published,
)
from panjereh.exchange.evidence.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    BundleRefused,
    pack_entries,
    tile_path,
    width_of,
)

# Leaves of the calls received from one time to another (microseconds), out of the books.
Books = Callable[[int, int], Iterator[bytes]]


class RebuildFailed(Exception):
    """What is left does not give what was signed; the text says where."""


@dataclass(frozen=True)
class _Mended(Folder):
    """The folder with what was made again, until the root has confirmed it."""

    made: dict[str, bytes] = field(default_factory=dict)

    def read(self, name: str) -> bytes | None:
        return self.made.get(name) or super().read(name)


def rebuild(folder: Folder, books: Books) -> list[str]:
    """Make again what is missing; the names of the files. Raises `RebuildFailed`."""
    signed = published(folder)
    if signed is None:
        raise RebuildFailed("without a checkpoint nobody knows what the log was")
    mended = _Mended(folder.path)
    tree = StoredTree(mended, signed.head.size)
    made = _make_tiles(tree, mended)
    if tree.root() != signed.head.root or not all(_agrees(tree, *tile) for tile in made):
        raise RebuildFailed("what is left of the log does not lead to the root that was signed")
    for bundle in range(minimum_index(folder) // WIDTH, -(-tree.size // WIDTH)):
        if not _whole(tree, bundle):
            _make_bundle(tree, mended, bundle, books)
    folder.write(mended.made)
    _write_spans(StoredTree(folder, tree.size))
    return sorted(mended.made)


def _make_tiles(tree: StoredTree, mended: _Mended) -> list[tuple[int, int]]:
    """From below, because each is made of what lies below it; those that were made."""
    made = []
    for level in range(-(-tree.size.bit_length() // HEIGHT)):
        for index in range(-(-(tree.size >> (HEIGHT * level)) // WIDTH)):
            width = width_of(level, index, tree.size)
            if len(_hashes(tree, level, index)) < width:
                hashes = _hashes_below(tree, level, index, width)
                mended.made[tile_path(level, index, width)] = b"".join(hashes)
                made.append((level, index))
    return made


def _agrees(tree: StoredTree, level: int, index: int) -> bool:
    """Whether the tile leads to the tiles above it; a partial one is part of the root itself."""
    while (index + 1) * WIDTH <= tree.size >> (HEIGHT * level):
        above = tree.tile(level + 1, index // WIDTH)[index % WIDTH]
        if merkle.perfect_root(tree.tile(level, index)) != above:
            return False
        level, index = level + 1, index // WIDTH
    return True


def _hashes(tree: StoredTree, level: int, index: int) -> list[bytes]:
    try:
        return tree.tile(level, index)
    except TileMissing:
        return []


def _hashes_below(tree: StoredTree, level: int, index: int, width: int) -> list[bytes]:
    try:
        if level == 0:
            return [merkle.leaf_hash(entry) for entry in tree.bundle(index)[:width]]
        first = index * WIDTH
        return [merkle.perfect_root(tree.tile(level - 1, first + i)) for i in range(width)]
    except (TileMissing, BundleRefused, EntryPruned) as error:
        name = tile_path(level, index, width)
        raise RebuildFailed(f"{name} cannot be made: what lies below it is gone too") from error


def _whole(tree: StoredTree, bundle: int) -> bool:
    width = width_of(0, bundle, tree.size)
    try:
        found = [merkle.leaf_hash(entry) for entry in tree.bundle(bundle)[:width]]
    except (TileMissing, BundleRefused):
        return False
    return found == tree.tile(0, bundle)[:width]


def _make_bundle(tree: StoredTree, mended: _Mended, bundle: int, books: Books) -> None:
    width = width_of(0, bundle, tree.size)
    leaves = tree.tile(0, bundle)[:width]
    first, last = _span(tree, bundle)
    known = {merkle.leaf_hash(entry): entry for entry in books(first, last)}
    lost = [i for i, leaf in enumerate(leaves, bundle * WIDTH) if leaf not in known]
    if lost:
        raise RebuildFailed(f"entries {lost[:9]} are in no book: {len(lost)} of {width}")
    mended.made[tile_path(ENTRIES, bundle, width)] = pack_entries([known[x] for x in leaves])


def _span(tree: StoredTree, bundle: int) -> tuple[int, int]:
    if (bundle + 1) * WIDTH > tree.size:
        return 0, 2**63
    (span,) = read_spans(tree.folder, 0, bundle, bundle + 1)
    return span


def _write_spans(tree: StoredTree) -> None:
    """Of pruned bundles the old rows are all there is, and all that is needed."""
    spans, first = Spans(), minimum_index(tree.folder)
    for index in range(first // WIDTH, tree.size // WIDTH):
        for place, entry in enumerate(tree.bundle(index), index * WIDTH):
            spans.note(place, received_at(entry))
    spans.write(tree.folder, tree.size)
