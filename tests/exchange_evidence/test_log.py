"""The log's files: what is committed stays, what a crash left is made whole, damage is refused."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive import mth, path, proof
from sample import keys_in, leaves, log_of, open_log

from panjereh.exchange.evidence.findings import check_files
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.growth import Growth
from panjereh.exchange.evidence.log import Log, LogBusy, LogDamaged, Position
from panjereh.exchange.evidence.note import check_signatures
from panjereh.exchange.evidence.stored import StoredTree, find, published
from panjereh.exchange.evidence.tiles import grouped, tile_path, unpack_entries, width_of

ONE_FOLDER_EACH = [HealthCheck.function_scoped_fixture]


def entries_of(log: Log) -> list[bytes]:
    tree = log.tree
    bundles = (tree.bundle(i) for i in range(-(-log.size // 256)))
    return [entry for bundle in bundles for entry in bundle][: log.size]


def test_paths_are_those_of_the_specification() -> None:
    assert grouped(1234067) == "x001/x234/067"
    assert tile_path(0, 0) == "tile/0/000"
    assert tile_path(1, 273, 112) == "tile/1/273.p/112"
    assert tile_path("entries", 1000) == "tile/entries/x001/000"


def test_a_tree_of_70000_lies_in_the_tiles_that_the_specification_says() -> None:
    growth = Growth()
    for number in range(70_000):
        growth.add(b"%d" % number)
    files, _ = growth.take()
    assert sum(name.startswith("tile/0/") and ".p" not in name for name in files) == 273
    partial = {name for name in files if ".p/" in name}
    assert partial == {
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/273.p/112",
    }
    assert len(files["tile/1/000"]) == 8192
    assert len(list(unpack_entries(files["tile/entries/000"]))) == 256


def test_a_tree_of_256_is_a_full_tile_and_one_hash_above_it() -> None:
    growth = Growth()
    for number in range(256):
        growth.add(b"%d" % number)
    assert set(growth.take()[0]) == {"tile/0/000", "tile/1/000.p/1", "tile/entries/000"}
    assert [width_of(0, 0, 256), width_of(1, 0, 256), width_of(2, 0, 256)] == [256, 1, 0]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=6), st.data())
@settings(deadline=None, max_examples=25, suppress_health_check=ONE_FOLDER_EACH)
def test_a_log_of_any_size_grown_in_any_steps_proves_like_the_naive_tree(
    tmp_path: Path, steps: list[int], data: st.DataObject
) -> None:
    home = tmp_path / "home"
    shutil.rmtree(home, ignore_errors=True)
    sizes = [sum(steps[: i + 1]) for i in range(len(steps))]
    expected = [leaf.entry for leaf in leaves(sizes[-1])]
    log = log_of(home, sizes[-1], sizes[:-1])
    tree = log.tree
    assert tree.root() == log.published.head.root == mth(expected)
    assert entries_of(log) == expected
    for old in [*sizes, data.draw(st.integers(0, log.size))]:
        assert tree.root_at(old) == mth(expected[:old])
        assert list(tree.consistency(old)) == proof(old, expected)
    index = data.draw(st.integers(0, log.size - 1))
    assert list(tree.inclusion(index)) == path(index, expected)
    assert tree.entry(index) == expected[index]
    assert list(check_files(log.folder, keys_in(home).trusted)) == []
    log.close()


def test_tiles_of_every_published_size_stay_until_the_full_one_is_there(tmp_path: Path) -> None:
    log = log_of(tmp_path, 255, [1, 90, 200])
    partial = tmp_path / "evidence" / "tile" / "0" / "000.p"
    assert sorted(file.name for file in partial.iterdir()) == ["1", "200", "255", "90"]
    log.append(leaves(1, 255), Position("s", 9, "d"))
    assert not partial.exists()
    assert StoredTree(log.folder, 90).root() == mth([x.entry for x in leaves(90)])


def test_every_checkpoint_is_signed_by_the_key_of_its_origin(tmp_path: Path) -> None:
    log = log_of(tmp_path, 3)
    seen = published(log.folder)
    assert seen
    check_signatures(seen.note, [keys_in(tmp_path).signer.verifier])
    assert (seen.head.origin, seen.head.size) == ("nix.example/log", 3)


def test_an_empty_log_has_a_checkpoint_of_its_emptiness(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    assert (log.published.head.size, log.published.head.root) == (0, mth([]))


class Died(Exception):
    pass


class DyingFolder(Folder):
    """Dies after so many steps; each step is whole or not begun, like a rename."""

    def __init__(self, path: Path, steps: int) -> None:
        super().__init__(path)
        object.__setattr__(self, "left", [steps])

    left: list[int]

    def step(self) -> None:
        if not self.left[0]:
            raise Died
        self.left[0] -= 1

    def write(self, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            self.step()
            super().write({name: data})

    def write_rows(self, name: str, first: int, rows: bytes, width: int) -> None:
        self.step()
        super().write_rows(name, first, rows, width)

    def remove_folder(self, name: str) -> None:
        self.step()
        super().remove_folder(name)


@pytest.mark.req("PRV-11")
@pytest.mark.parametrize(("before", "after"), [(3, 5), (250, 600), (255, 256), (0, 1), (256, 512)])
def test_dying_between_any_two_steps_neither_loses_nor_repeats_nor_reorders(
    tmp_path: Path, before: int, after: int
) -> None:
    expected = mth([leaf.entry for leaf in leaves(after)])
    steps = 0
    while True:
        home = tmp_path / str(steps)
        log_of(home, before).close()
        survived = append_dying(home, before, after, steps)
        log = open_log(home)
        assert log.position.sequence == log.size  # the position is that of the entries
        if log.position.sequence == before:
            log.append(leaves(after - before, before), Position("s", after, "d"))
        assert log.published.head.root == log.tree.root() == expected
        assert list(check_files(log.folder, keys_in(home).trusted)) == []
        log.close()
        if survived:
            break
        steps += 1
    assert steps >= 4


def append_dying(home: Path, before: int, after: int, steps: int) -> bool:
    log = open_log(home)
    log.folder = DyingFolder(log.folder.path, steps)
    try:
        log.append(leaves(after - before, before), Position("s", after, "d"))
    except Died:
        return False
    finally:
        log.close()
    return True


def test_one_process_writes_a_log(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    with pytest.raises(LogBusy):
        open_log(tmp_path)
    log.close()
    open_log(tmp_path).close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def turn_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.req("PRV-11")
@pytest.mark.parametrize("name", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
@pytest.mark.parametrize("damage", [Path.unlink, cut, turn_a_bit])
def test_a_log_whose_edge_is_damaged_is_not_signed_on(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    log_of(tmp_path, 300).close()
    damage(tmp_path / "evidence" / name)
    before = published(Folder(tmp_path / "evidence"))
    with pytest.raises(LogDamaged):
        open_log(tmp_path)
    assert published(Folder(tmp_path / "evidence")) == before


@pytest.mark.parametrize("damage", [Path.unlink, cut, turn_a_bit])
def test_a_log_without_its_state_is_not_begun_anew(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    log_of(tmp_path, 300).close()
    damage(tmp_path / "evidence" / "state")
    with pytest.raises(LogDamaged):
        open_log(tmp_path)


def test_a_log_put_back_from_an_old_copy_is_not_signed_on(tmp_path: Path) -> None:
    log_of(tmp_path, 300).close()
    shutil.copytree(tmp_path / "evidence", tmp_path / "copy")
    log = open_log(tmp_path)
    log.append(leaves(50, 300), Position("s", 350, "d"))
    log.close()
    newest = (tmp_path / "evidence" / "checkpoint").read_bytes()
    shutil.rmtree(tmp_path / "evidence")
    shutil.copytree(tmp_path / "copy", tmp_path / "evidence")
    (tmp_path / "evidence" / "checkpoint").write_bytes(newest)
    with pytest.raises(LogDamaged, match="shorter"):
        open_log(tmp_path)


def test_a_checkpoint_of_another_log_or_key_is_refused(tmp_path: Path) -> None:
    log_of(tmp_path, 3).close()
    log_of(tmp_path / "other", 3).close()
    foreign = (tmp_path / "other" / "evidence" / "checkpoint").read_bytes()
    (tmp_path / "evidence" / "checkpoint").write_bytes(foreign)
    with pytest.raises(LogDamaged, match="no key"):
        open_log(tmp_path)


@pytest.mark.req("NIX-39")
def test_a_record_is_found_by_its_id_and_time_among_many_bundles(tmp_path: Path) -> None:
    late = leaves(1, 5)[0]
    log = open_log(tmp_path)
    log.append(leaves(700), Position("s", 1, "d"))
    log.append([late], Position("s", 2, "d"))  # told again much later, as a withheld answer is
    log.append(leaves(700, 700), Position("s", 3, "d"))
    for number, places in {0: [0], 5: [5, 700], 650: [650], 1399: [1400]}.items():
        leaf = leaves(1, number)[0]
        assert find(log.tree, leaf.entry, leaf.received_at) == places
    assert find(log.tree, b"nobody", leaves(1, 5)[0].received_at) == []
    log.close()
    again = open_log(tmp_path)
    again.append(leaves(300, 1400), Position("s", 4, "d"))
    leaf = leaves(1, 1402)[0]
    assert find(again.tree, leaf.entry, leaf.received_at) == [1403]


def test_a_record_is_found_when_the_spans_were_lost(tmp_path: Path) -> None:
    log = log_of(tmp_path, 700)
    (tmp_path / "evidence" / "spans" / "0").unlink()
    leaf = leaves(1, 300)[0]
    assert find(log.tree, leaf.entry, leaf.received_at) == [300]
