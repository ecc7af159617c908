"""The Merkle tree of RFC 6962 section 2.1: hashes, proofs, and the checks of proofs.

Whoever stores a tree gives `Node`: the hash of the perfect subtree of `2 ** height` leaves that is
the `index`-th of its height. Every proof is made out of such nodes.
"""

import hashlib
from collections.abc import Callable, Sequence

Node = Callable[[int, int], bytes]
EMPTY_ROOT = hashlib.sha256(b"").digest()


class ProofRefused(Exception):
    """The proof does not prove what it should; the text says why."""


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        pairs = range(0, len(hashes), 2)
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in pairs]
    return hashes[0]


def root(node: Node, size: int) -> bytes:
    return range_hash(node, 0, size) if size else EMPTY_ROOT


def range_hash(node: Node, start: int, end: int) -> bytes:
    """MTH(D[start:end]); `start` lies where a subtree of that many leaves can begin."""
    count = end - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return node(height, start >> height)
    middle = start + _left_half(count)
    return node_hash(range_hash(node, start, middle), range_hash(node, middle, end))


def inclusion_path(node: Node, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]), from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise ProofRefused("there is no such entry in a tree of that size")
    return _path(node, index, 0, size)


def _path(node: Node, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _left_half(end - start)
    if index < middle:
        return [*_path(node, index, start, middle), range_hash(node, middle, end)]
    return [*_path(node, index, middle, end), range_hash(node, start, middle)]


def consistency_path(node: Node, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[new]); nothing has to be shown from an empty tree or to the same one."""
    if not 0 <= old <= new:
        raise ProofRefused("a log only grows")
    return _subproof(node, old, 0, new, known=True) if 0 < old < new else []


def _subproof(node: Node, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
    """`known`: whether the hash of this part, when it is all old, is the old root itself."""
    if old == end:
        return [] if known else [range_hash(node, start, end)]
    middle = start + _left_half(end - start)
    if old <= middle:
        left = _subproof(node, old, start, middle, known=known)
        return [*left, range_hash(node, middle, end)]
    right = _subproof(node, old, middle, end, known=False)
    return [*right, range_hash(node, start, middle)]


def _left_half(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return int(1 << ((count - 1).bit_length() - 1))


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that the path leads to (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofRefused("the entry's index lies outside the tree")
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofRefused("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short")
    return found


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise `ProofRefused` unless the tree of size `old` is the beginning of that of size `new`."""
    if not 0 <= old <= new:
        raise ProofRefused("a log only grows")
    if old in {0, new}:
        _check_trivial(old, new, old_root, new_root, path)
        return
    if roots_of_consistency(old, new, old_root, path) != (old_root, new_root):
        raise ProofRefused("the older tree is not the beginning of the newer one")


def _check_trivial(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """From an empty tree to any, or from a tree to itself: nothing is to be proved."""
    roots = {size: EMPTY_ROOT for size in (old, new) if size == 0}
    if path or old_root != roots.get(old, new_root) or new_root != roots.get(new, new_root):
        raise ProofRefused("the two trees differ, or need no proof and have one")


def roots_of_consistency(
    old: int, new: int, old_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The two roots that the path leads to (RFC 9162 section 2.1.4.2)."""
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps:
        raise ProofRefused("the proof is empty")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofRefused("the proof is too long")
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short")
    return before, after
