"""The field filter against a plain one that is obviously right, and against any JSON there is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.exchange.gateway.fields import NotJson, Tree, compile_items, cut, parse_pointer

NAMES = st.sampled_from(["a", "b", "c", "d/e", "f~g", "", "0", "ا"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)
ANSWERS = st.dictionaries(NAMES, VALUES, max_size=5) | st.lists(VALUES, max_size=4)
POINTERS = st.lists(
    st.lists(NAMES, min_size=1, max_size=3).map(
        lambda names: "".join("/" + n.replace("~", "~0").replace("/", "~1") for n in names)
    ),
    max_size=5,
)
CUT = object()


@pytest.mark.req("NIX-06")
@given(ANSWERS, POINTERS)
def test_the_filter_keeps_exactly_what_is_granted(answer: Any, pointers: list[str]) -> None:
    tree = compile_items(pointers)
    assert tree is not None

    body, count = cut(json.dumps(answer).encode(), tree)

    expected, expected_count = plainly(answer, tree)
    assert (json.loads(body), count) == (expected, expected_count)
    assert cut(body, tree) == (body, 0)


@pytest.mark.req("NIX-06")
@given(ANSWERS, POINTERS)
def test_every_value_that_is_kept_lies_under_a_granted_item(
    answer: Any, pointers: list[str]
) -> None:
    tree = compile_items(pointers)
    assert tree is not None
    granted = [parse_pointer(pointer) for pointer in pointers]

    for path in leaves(json.loads(cut(json.dumps(answer).encode(), tree)[0])):
        assert any(path[: len(names)] == names for names in granted)


@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_any_octets_are_either_json_or_refused(octets: bytes) -> None:
    try:
        body, _ = cut(octets, {"a": None})
    except NotJson:
        return
    json.loads(body)


@pytest.mark.parametrize(
    ("pointer", "names"),
    [("", []), ("/a", ["a"]), ("/a/b", ["a", "b"]), ("/a~1b/c~0d", ["a/b", "c~d"]), ("/", [""])],
)
def test_pointers_are_read_as_rfc_6901_says(pointer: str, names: list[str]) -> None:
    assert parse_pointer(pointer) == names


@pytest.mark.parametrize("pointer", ["a", "a/b", "/a~", "/a~2"])
def test_a_broken_pointer_is_refused(pointer: str) -> None:
    with pytest.raises(ValueError, match=r"data item|tilde"):
        parse_pointer(pointer)


def test_the_wider_of_two_items_wins_whatever_their_order() -> None:
    assert compile_items(["/a/b", "/a"]) == compile_items(["/a", "/a/b"]) == {"a": None}
    assert compile_items(["/a", ""]) is None


def plainly(value: Any, tree: Tree | None) -> tuple[Any, int]:
    if tree is None:
        return value, 0
    if value is None:
        return None, 0
    if isinstance(value, list):
        inner = [plainly(element, tree) for element in value]
        return [v for v, _ in inner if v is not CUT], sum(n + (v is CUT) for v, n in inner)
    if not isinstance(value, dict):
        return CUT, 0
    kept = {name: plainly(v, tree[name]) for name, v in value.items() if name in tree}
    outside = len(value) - len(kept)
    return (
        {name: v for name, (v, _) in kept.items() if v is not CUT},
        outside + sum(n + (v is CUT) for v, n in kept.values()),
    )


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[list[str]]:
    """Paths of everything that says something; a null or an empty container says nothing."""
    if isinstance(value, dict):
        return [one for name, inner in value.items() for one in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [one for inner in value for one in leaves(inner, path)]
    return [] if value is None else [list(path)]
