"""The tree: published vectors, a naive implementation beside it, and every way a proof can lie."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive import mth, path, proof

from panjereh.exchange.evidence import merkle
from panjereh.exchange.evidence.merkle import Node, ProofRefused

# Leaves, roots and proofs of the reference implementation of RFC 6962, certificate-transparency.
LEAVES = [
    bytes.fromhex(x)
    for x in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = [  # (index, size, path)
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCIES = [  # (old, new, path)
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

sizes = st.integers(1, 400)


def entries(size: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(size)]


def nodes_of(leaves: list[bytes]) -> Node:
    def node(height: int, index: int) -> bytes:
        return mth(leaves[index << height : (index + 1) << height])

    return node


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_reference_implementation(size: int) -> None:
    assert merkle.root(nodes_of(LEAVES), size).hex() == ROOTS[size - 1]
    assert mth(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_root_of_an_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root(nodes_of([]), 0) == mth([])


@pytest.mark.parametrize(("index", "size", "expected"), PATHS)
def test_inclusion_proofs_are_those_of_the_reference_implementation(
    index: int, size: int, expected: list[str]
) -> None:
    found = merkle.inclusion_path(nodes_of(LEAVES), index, size)
    assert [h.hex() for h in found] == expected
    root = merkle.root_of_inclusion(merkle.leaf_hash(LEAVES[index]), index, size, found)
    assert root.hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("old", "new", "expected"), CONSISTENCIES)
def test_consistency_proofs_are_those_of_the_reference_implementation(
    old: int, new: int, expected: list[str]
) -> None:
    found = merkle.consistency_path(nodes_of(LEAVES), old, new)
    assert [h.hex() for h in found] == expected
    merkle.check_consistency(
        old, new, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1]), found
    )


@given(sizes, st.data())
@settings(deadline=None)
def test_any_entry_of_any_tree_is_proved_like_the_naive_way(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    index = data.draw(st.integers(0, size - 1))
    found = merkle.inclusion_path(nodes_of(leaves), index, size)
    assert found == path(index, leaves)
    leaf = merkle.leaf_hash(leaves[index])
    assert merkle.root_of_inclusion(leaf, index, size, found) == mth(leaves)


@given(sizes, st.data())
@settings(deadline=None)
def test_any_growth_of_any_tree_is_proved_like_the_naive_way(new: int, data: st.DataObject) -> None:
    leaves = entries(new)
    old = data.draw(st.integers(0, new))
    found = merkle.consistency_path(nodes_of(leaves), old, new)
    assert found == proof(old, leaves)
    merkle.check_consistency(old, new, mth(leaves[:old]), mth(leaves), found)


@given(st.integers(2, 60), st.data())
@settings(deadline=None)
def test_a_proof_with_anything_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    index = data.draw(st.integers(0, size - 1))
    right = path(index, leaves)
    leaf = merkle.leaf_hash(leaves[index])
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index))
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = [
        (merkle.leaf_hash(leaves[other]), index, right),
        (leaf, other, right),
        (leaf, index, right[:-1]),
        (leaf, index, [*right, bytes(32)]),
        (leaf, index, [*right[:place], bytes(32), *right[place + 1 :]]),
        (leaf, size, right),
        (leaf, -1, right),
    ]
    for bad_leaf, bad_index, bad_path in wrong:
        assert leads_elsewhere(bad_leaf, bad_index, size, bad_path, mth(leaves))


def leads_elsewhere(leaf: bytes, index: int, size: int, steps: list[bytes], root: bytes) -> bool:
    try:
        return merkle.root_of_inclusion(leaf, index, size, steps) != root
    except ProofRefused:
        return True


@given(st.integers(2, 60), st.data())
@settings(deadline=None)
def test_a_tree_whose_past_was_changed_is_not_consistent(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], b"another", *leaves[changed + 1 :]]
    with pytest.raises(ProofRefused):
        merkle.check_consistency(
            old, size, mth(leaves[:old]), mth(rewritten), proof(old, rewritten)
        )
    with pytest.raises(ProofRefused):
        merkle.check_consistency(old, size, mth(leaves[:old]), mth(leaves), [])


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "steps"),
    [
        (3, 2, ROOTS[2], ROOTS[1], []),
        (0, 2, ROOTS[0], ROOTS[1], []),
        (0, 0, ROOTS[0], ROOTS[0], []),
        (0, 0, mth([]).hex(), ROOTS[0], []),
        (0, 2, mth([]).hex(), ROOTS[1], [ROOTS[0]]),
        (2, 2, ROOTS[1], ROOTS[0], []),
        (2, 2, ROOTS[1], ROOTS[1], [ROOTS[0]]),
    ],
)
def test_nothing_follows_from_an_empty_tree_or_the_same_one_but_itself(
    old: int, new: int, old_root: str, new_root: str, steps: list[str]
) -> None:
    with pytest.raises(ProofRefused):
        merkle.check_consistency(
            old,
            new,
            bytes.fromhex(old_root),
            bytes.fromhex(new_root),
            [bytes.fromhex(s) for s in steps],
        )


def test_nothing_is_proved_of_what_is_not_in_the_tree() -> None:
    with pytest.raises(ProofRefused):
        merkle.inclusion_path(nodes_of(LEAVES), 8, 8)
    with pytest.raises(ProofRefused):
        merkle.consistency_path(nodes_of(LEAVES), 9, 8)
