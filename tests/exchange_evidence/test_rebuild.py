"""What was lost of the log comes back out of what is left, or is told to be lost."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bookkeeping import Books
from sample import MAKER, NOON, record, records

from panjereh.common import clock
from panjereh.exchange.evidence.__main__ import main
from panjereh.exchange.evidence.books import leaves_of_books
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.findings import check_files
from panjereh.exchange.evidence.keys import log_keys
from panjereh.exchange.evidence.leaf import LeafMaker
from panjereh.exchange.evidence.log import Log, Position
from panjereh.exchange.evidence.rebuild import RebuildFailed, rebuild
from panjereh.exchange.evidence.retention import LONGER, prune
from panjereh.exchange.evidence.stored import find

COUNT = 700


@pytest.fixture
def log(tmp_path: Path, conf: Config, books: Books) -> Iterator[Log]:
    keys = log_keys(conf.keys, origin=conf.origin, production=False)
    made = Log(conf.folder, keys)
    maker = LeafMaker(keys.nonce_key)
    made.append([maker.of_record(r) for r in records(COUNT)], Position("s", 1, "d"))
    books.enter(records(COUNT))
    yield made
    made.close()


def mend(conf: Config) -> list[str]:
    keys = log_keys(conf.keys, origin=conf.origin, production=False)
    return rebuild(conf.folder, leaves_of_books(LeafMaker(keys.nonce_key)))


def whole(log: Log, conf: Config) -> bool:
    keys = log_keys(conf.keys, origin=conf.origin, production=False)
    return not list(check_files(log.folder, keys.trusted)) and log.tree.size == COUNT


def test_a_whole_log_needs_nothing(log: Log, conf: Config) -> None:
    assert mend(conf) == []


@pytest.mark.req("PRV-11")
def test_tiles_are_made_of_the_entries(log: Log, conf: Config) -> None:
    before = {p: p.read_bytes() for p in (log.folder.path / "tile").rglob("*") if p.is_file()}
    for level in ("0", "1"):
        shutil.rmtree(log.folder.path / "tile" / level)
    made = mend(conf)
    assert made == ["tile/0/000", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"]
    assert {p: p.read_bytes() for p in before} == before
    assert whole(log, conf)


@pytest.mark.req("PRV-11", "NIX-04")
def test_entries_are_made_of_the_books(log: Log, conf: Config) -> None:
    before = log.folder.read("tile/entries/001")
    shutil.rmtree(log.folder.path / "tile" / "entries")
    assert mend(conf) == [
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/188",
    ]
    assert log.folder.read("tile/entries/001") == before
    assert whole(log, conf)


def test_spans_are_made_again(log: Log, conf: Config) -> None:
    shutil.rmtree(log.folder.path / "spans")
    mend(conf)
    at = record(300).received_at
    marks = record(300).request_id.encode()
    assert find(log.tree, marks, at) == [300]
    assert len((log.folder.path / "spans" / "0").read_bytes()) == 2 * 16


@pytest.mark.req("PRV-11")
def test_entries_that_no_book_knows_are_told_and_nothing_is_invented(
    log: Log, conf: Config, books: Books
) -> None:
    for number in (300, 301):
        books.change(
            "UPDATE exchange_callrecord SET status = 403 WHERE request_id = %s",
            record(number).request_id,
        )
    (log.folder.path / "tile/entries/001").unlink()
    with pytest.raises(RebuildFailed, match=r"\[300, 301\]"):
        mend(conf)
    assert log.folder.read("tile/entries/001") is None


def test_what_lies_below_a_lost_tile_may_be_gone_too(log: Log, conf: Config) -> None:
    (log.folder.path / "tile/entries/001").unlink()
    (log.folder.path / "tile/0/001").unlink()
    with pytest.raises(RebuildFailed, match="tile/0/001"):
        mend(conf)


@pytest.mark.req("PRV-11")
def test_altered_entries_do_not_become_the_truth(log: Log, conf: Config) -> None:
    path = log.folder.path / "tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b'"status":200', b'"status":403'))
    (log.folder.path / "tile/0/001").unlink()
    with pytest.raises(RebuildFailed, match="root that was signed"):
        mend(conf)
    assert log.folder.read("tile/0/001") is None


def test_without_a_checkpoint_nothing_is_believed(log: Log, conf: Config) -> None:
    (log.folder.path / "checkpoint").unlink()
    with pytest.raises(RebuildFailed, match="checkpoint"):
        mend(conf)


def test_a_pruned_log_is_made_whole_again_as_far_as_it_is_kept(
    log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = datetime.fromtimestamp(record(300).received_at / 1e6, UTC)
    for path in (log.folder.path / "tile/entries").iterdir():
        os.utime(path, (NOON / 1e6, NOON / 1e6))
    ended = received + timedelta(days=conf.retention_days) + LONGER
    monkeypatch.setattr(clock, "now", lambda: ended)
    assert prune(conf) == 256
    shutil.rmtree(log.folder.path / "tile" / "entries")
    shutil.rmtree(log.folder.path / "tile" / "1")
    assert mend(conf) == ["tile/1/000.p/2", "tile/entries/001", "tile/entries/002.p/188"]
    assert whole(log, conf)


def test_an_operator_mends_on_the_command_line(
    log: Log, conf: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rebuild"]) == 0
    (log.folder.path / "tile/0/001").unlink()
    assert main(["rebuild"]) == 0
    (log.folder.path / "checkpoint").unlink()
    assert main(["rebuild"]) == 1
    told = capsys.readouterr()
    assert told.out == "Nothing was missing.\nmade tile/0/001\n"
    assert "without a checkpoint" in told.err


def test_the_books_give_the_leaf_of_the_gateway(books: Books) -> None:
    refused = record(1, status=403, cause="consumer", grant_id=None, forwarded_at=None)
    books.enter([record(0), refused])
    found = set(leaves_of_books(MAKER)(0, 2**63))
    assert found == {MAKER.of_record(record(0)).entry, MAKER.of_record(refused).entry}
