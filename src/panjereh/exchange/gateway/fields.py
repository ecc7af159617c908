"""Cut an answer to the granted data items (NIX-06: the approval decides, not the caller).

Items are JSON pointers with arrays transparent: `/children/given_name` means that member of every
child. What is granted passes byte for byte, so a number keeps every digit the provider wrote.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

Tree = dict[str, "Tree | None"]  # None: everything below is granted

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode

_OBJECT, _ARRAY, _NULL = ord("{"), ord("["), ord("n")
_CUT: Final = object()
_MISSING: Final[Any] = object()

# RFC 9457 and our own members of it (common/problems.py); a provider's error passes with these.
PROBLEM_MEMBERS = ("type", "title", "status", "detail", "instance", "code", "cause", "retry_in")


class NotJson(ValueError):
    """The answer is no JSON object or array, so nothing of it can be granted."""


def compile_items(pointers: Iterable[str]) -> Tree | None:
    """The tree of granted members; None when an item grants the whole answer."""
    tree: Tree = {}
    for pointer in pointers:
        names = parse_pointer(pointer)
        if not names:
            return None
        _grow(tree, names)
    return tree


def parse_pointer(pointer: str) -> list[str]:
    """RFC 6901: `` is the whole, `/a~1b` is the member `a/b`. Raises `ValueError`."""
    if pointer == "":
        return []
    if not pointer.startswith("/"):
        raise ValueError(f"a data item begins with a slash: {pointer!r}")
    names = pointer[1:].split("/")
    if any("~" in name.replace("~0", "").replace("~1", "") for name in names):
        raise ValueError(f"a tilde is written ~0 or ~1: {pointer!r}")
    return [name.replace("~1", "/").replace("~0", "~") for name in names]


def _grow(tree: Tree, names: list[str]) -> None:
    for name in names[:-1]:
        branch = tree.setdefault(name, {})
        if branch is None:  # granted as a whole already
            return
        tree = branch
    tree[names[-1]] = None


def cut(answer: bytes, tree: Tree) -> tuple[bytes, int]:
    """The granted part of a JSON answer, and how many members were cut. Raises `NotJson`."""
    try:
        answer.decode()
        value, count = _cut(msgspec.Raw(answer.strip(b" \t\r\n")), tree)
        if value is _CUT or value is None:
            raise NotJson("the answer is no JSON object or array")
        return _encode(value), count
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotJson("the answer is not JSON") from error


def _cut(raw: msgspec.Raw, tree: Tree) -> tuple[Any, int]:
    first = memoryview(raw)[0] if raw else 0
    if first == _OBJECT:
        return _cut_object(raw, tree)
    if first == _ARRAY:
        return _cut_array(raw, tree)
    # Items below a null are granted, and a null says no more than their absence would.
    return (None, 0) if first == _NULL else (_CUT, 0)


def _cut_object(raw: msgspec.Raw, tree: Tree) -> tuple[dict[str, Any], int]:
    kept: dict[str, Any] = {}
    count = 0
    for name, value in _members(raw).items():
        branch = tree.get(name, _MISSING)
        if branch is None:
            kept[name] = value
            continue
        inner, cuts = (_CUT, 0) if branch is _MISSING else _cut(value, branch)
        if inner is _CUT:
            count += 1
        else:
            kept[name] = inner
            count += cuts
    return kept, count


def _cut_array(raw: msgspec.Raw, tree: Tree) -> tuple[list[Any], int]:
    kept: list[Any] = []
    count = 0
    for value in _elements(raw):
        inner, cuts = _cut(value, tree)
        if inner is _CUT:
            count += 1
        else:
            kept.append(inner)
            count += cuts
    return kept, count


PROBLEM = compile_items(f"/{name}" for name in PROBLEM_MEMBERS)
