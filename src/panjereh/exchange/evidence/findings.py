"""What an audit finds, and the audit of the log's own files: nothing here needs the database."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from panjereh.exchange.evidence import merkle
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.note import NoteRefused, VerifierKey, check_signatures
from panjereh.exchange.evidence.stamps import stamps
from panjereh.exchange.evidence.stored import (
    EntryPruned,
    Published,
    StoredTree,
    TileMissing,
    published,
)
from panjereh.exchange.evidence.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    BundleRefused,
    tile_path,
    width_of,
)


@dataclass(frozen=True)
class Finding:
    """`kind`: what was done to it: deleted, altered, reordered, unlogged, missing, forged, forked.

    `subject` is an entry, a file or a request id; it never holds anything of a person.
    """

    kind: str
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.detail}".rstrip()


def check_files(
    folder: Folder, keys: Sequence[VerifierKey], first_bundle: int = 0, newest_stamps: int = 0
) -> Iterator[Finding]:
    """The checkpoint, bundles and tiles from `first_bundle` on, and stamps (0: all of them)."""
    try:
        newest = published(folder)
        if newest is None:
            yield Finding("missing", "checkpoint")
            return
        check_signatures(newest.note, keys)
    except NoteRefused as error:
        yield Finding("forged", "checkpoint", str(error))
        return
    tree = StoredTree(folder, newest.head.size)
    yield from _check_head(tree, newest, "checkpoint")
    for bundle in range(first_bundle, -(-tree.size // WIDTH)):
        yield from _check_bundle(tree, bundle)
    yield from _check_levels(tree, first_bundle)
    yield from _check_stamps(tree, keys, newest_stamps)


def _check_head(tree: StoredTree, seen: Published, name: str) -> Iterator[Finding]:
    """What was signed is still the beginning of the tree."""
    try:
        if seen.head.size > tree.size:
            yield Finding("shortened", name, f"signed {seen.head.size}, there are {tree.size}")
        elif tree.root_at(seen.head.size) != seen.head.root:
            yield Finding("forked", name, "the tiles do not lead to the root that was signed")
    except TileMissing as error:
        yield Finding("missing", name, str(error))


def _check_bundle(tree: StoredTree, bundle: int) -> Iterator[Finding]:
    """Entry for entry against the leaves of the tree."""
    width, name = width_of(0, bundle, tree.size), tile_path(ENTRIES, bundle)
    try:
        leaves = tree.tile(0, bundle)[:width]
        found = [merkle.leaf_hash(entry) for entry in tree.bundle(bundle)[:width]]
    except TileMissing as error:
        yield Finding("missing", name, str(error))
    except BundleRefused as error:
        yield Finding("altered", name, str(error))
    except EntryPruned:
        return
    else:
        if found != leaves:
            yield _misplaced(found, leaves, bundle * WIDTH)


def _misplaced(found: list[bytes], leaves: list[bytes], first: int) -> Finding:
    kind = "deleted" if len(found) < len(leaves) else "altered"
    if Counter(found) == Counter(leaves):
        kind = "reordered"
    same = (i for i, leaf in enumerate(leaves) if i >= len(found) or found[i] != leaf)
    return Finding(kind, f"entry {first + next(same, len(leaves))}")


def _check_levels(tree: StoredTree, first_bundle: int) -> Iterator[Finding]:
    """Each hash of a tile is the root of the full tile below it."""
    level = 1
    while below := tree.size >> (HEIGHT * level):
        for index in range(first_bundle >> (HEIGHT * (level - 1)), below):
            yield from _check_tile(tree, level, index)
        level += 1


def _check_tile(tree: StoredTree, level: int, index: int) -> Iterator[Finding]:
    name = tile_path(level - 1, index)
    try:
        said = tree.tile(level, index // WIDTH)[index % WIDTH]
        if merkle.perfect_root(tree.tile(level - 1, index)) != said:
            yield Finding("altered", name)
    except (TileMissing, IndexError) as error:
        yield Finding("missing", name, str(error))


def _check_stamps(tree: StoredTree, keys: Sequence[VerifierKey], newest: int) -> Iterator[Finding]:
    """Old checkpoints bind the log to what it was when others attested it."""
    for stamp in stamps(tree.folder, newest):
        try:
            seen = Published.parse(stamp.note)
            check_signatures(seen.note, keys)
        except NoteRefused as error:
            yield Finding("forged", "stamp", str(error))
            continue
        yield from _check_head(tree, seen, f"stamp {seen.head.size}")
