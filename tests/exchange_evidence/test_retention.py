"""Kept for the term, told to everybody, then dropped; what was proved stays proved."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bookkeeping import DAWN, DUSK, Books
from django.db import DatabaseError
from oracle import accepts
from pytest_django import Settings
from sample import NOON, keys_in, leaves, log_of, record, records

from panjereh.common import clock
from panjereh.exchange.evidence import retention
from panjereh.exchange.evidence.books import compare
from panjereh.exchange.evidence.config import Config, ConfigRefused, config
from panjereh.exchange.evidence.findings import check_files
from panjereh.exchange.evidence.log import Log
from panjereh.exchange.evidence.proof import LogProof
from panjereh.exchange.evidence.retention import LONGER, prune, publish_policy
from panjereh.exchange.evidence.stored import EntryPruned, StoredTree, minimum_index
from panjereh.exchange.evidence.verify import verify
from panjereh.exchange.models import CallRecord

TERM = timedelta(days=184)


@pytest.fixture
def log(tmp_path: Path, conf: Config, books: Books) -> Iterator[Log]:
    made = log_of(tmp_path, 1000, [300])
    books.enter(records(1000))
    yield made
    made.close()


def its_term_ends(folder: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is now when the records before this one have just become older than the term."""
    received = datetime.fromtimestamp(record(number).received_at / 1e6, UTC)
    for path in folder.rglob("tile/entries/*"):
        os.utime(path, (NOON / 1e6, NOON / 1e6))
    monkeypatch.setattr(clock, "now", lambda: received + TERM + LONGER)


def proof_of(log: Log, index: int) -> str:
    return str(LogProof(index, log.tree.inclusion(index), str(log.published.note)))


@pytest.mark.req("NIX-04")
def test_within_the_term_nothing_goes(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(
        tmp_path, 255, monkeypatch
    )  # the last of the first bundle is not older than the term
    assert prune(conf) == 0
    assert minimum_index(log.folder) == 0
    assert len(log.tree.bundle(0)) == 256


@pytest.mark.req("NIX-04", "PRV-11")
def test_after_the_term_entries_go_and_every_proof_still_holds(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, vkey = leaves(1, 100)[0].entry, str(keys_in(tmp_path).signer.verifier)
    before = proof_of(log, 100)
    its_term_ends(tmp_path, 600, monkeypatch)
    assert prune(conf) == 512
    for bundle in (0, 1):
        with pytest.raises(EntryPruned):
            log.tree.bundle(bundle)
        assert not (log.folder.path / f"tile/entries/00{bundle}").exists()
    assert log.tree.entry(512) == leaves(1, 512)[0].entry
    again = proof_of(log, 100)  # out of the tiles, for whoever still holds the record
    assert again == before
    assert verify(again, own, [vkey]).valid
    assert accepts(again, own, vkey)
    assert list(StoredTree(log.folder, 1000).consistency(300)) == list(log.tree.consistency(300))
    assert log.tree.root() == log.published.head.root
    assert list(check_files(log.folder, keys_in(tmp_path).trusted)) == []
    assert prune(conf) == 0


def ids(count: int, first: int = 0) -> set[str]:
    return {told.request_id for told in records(count, first)}


def ids_in_the_books() -> set[str]:
    return {str(found) for found in CallRecord.objects.values_list("request_id", flat=True)}


@pytest.mark.req("NIX-04")
def test_a_call_leaves_the_books_with_the_log_and_none_younger_goes(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(tmp_path, 600, monkeypatch)
    prune(conf)
    assert ids_in_the_books() == ids(1000 - 512, 512)
    vkey = str(keys_in(tmp_path).signer.verifier)
    for index in (512, 700, 999):
        own = leaves(1, index)[0].entry
        assert verify(proof_of(log, index), own, [vkey]).valid
        assert accepts(proof_of(log, index), own, vkey)


@pytest.mark.req("NIX-04")
def test_an_audit_of_the_whole_term_takes_what_was_dropped_for_no_deletion(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(tmp_path, 600, monkeypatch)
    prune(conf)
    since = clock.now() - TERM - timedelta(minutes=5)
    assert list(compare(log.tree, since, DUSK)) == []
    assert list(compare(log.tree, DAWN, DUSK)) == []


@pytest.mark.req("NIX-04")
def test_killed_between_books_and_log_the_rest_goes_the_next_time(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(tmp_path, 600, monkeypatch)
    with monkeypatch.context() as dying:
        dying.setattr(retention, "publish_policy", killed)
        with pytest.raises(KeyboardInterrupt):
            prune(conf)
    assert ids_in_the_books() == ids(1000 - 512, 512)
    assert prune(conf) == 0
    assert not (log.folder.path / "tile/entries/000").exists()
    assert minimum_index(log.folder) == 512


def killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.req("NIX-04")
def test_without_the_books_nothing_is_dropped(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(tmp_path, 600, monkeypatch)

    def away(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as lost:
        lost.setattr(retention, "_drop_rows", away)
        with pytest.raises(DatabaseError):
            prune(conf)
    assert minimum_index(log.folder) == 0
    assert len(log.tree.bundle(0)) == 256


@pytest.mark.req("NIX-04")
def test_the_policy_is_published_and_tells_what_is_gone(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_policy(conf)
    told = json.loads(log.folder.read("policy.json") or b"")
    assert (told["minimum_index"], told["retention_days"]) == (0, 184)
    assert "six months" in told["legal_basis"]
    its_term_ends(tmp_path, 300, monkeypatch)
    prune(conf)
    assert json.loads(log.folder.read("policy.json") or b"")["minimum_index"] == 256


def test_the_unfinished_bundle_never_goes(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(tmp_path, 100_000, monkeypatch)
    assert prune(conf) == 768
    assert log.tree.entry(999) == leaves(1, 999)[0].entry


def test_what_a_crash_left_below_the_minimum_goes_the_next_time(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = log.folder.path / "tile/entries"
    shutil.copy(kept / "001", kept / "copy")
    its_term_ends(tmp_path, 600, monkeypatch)
    prune(conf)
    (kept / "copy").rename(kept / "001")
    prune(conf)
    assert not (kept / "001").exists()


@pytest.mark.req("NIX-04")
def test_a_gateway_whose_clock_is_behind_does_not_shorten_the_term(
    log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its records say that they are old; the log knows when it wrote them."""
    told = datetime.fromtimestamp(NOON / 1e6, UTC) + TERM + 2 * LONGER
    written = told.timestamp() - 3600
    for path in (log.folder.path / "tile/entries").iterdir():
        os.utime(path, (written, written))
    monkeypatch.setattr(clock, "now", lambda: told)
    assert prune(conf) == 0


def test_a_bundle_whose_span_was_lost_is_kept(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    (log.folder.path / "spans" / "0").unlink()
    its_term_ends(tmp_path, 600, monkeypatch)
    assert prune(conf) == 0


@pytest.mark.req("NIX-04")
def test_less_than_six_months_cannot_be_set(conf: Config, settings: Settings) -> None:
    settings.EVIDENCE |= {"retention_days": 183}
    with pytest.raises(ConfigRefused, match="at least 184 days"):
        config()
    settings.EVIDENCE |= {"retention_days": 400}
    assert config().retention_days == 400
    settings.EVIDENCE = {}
    with pytest.raises(ConfigRefused, match="EVIDENCE"):
        config()


def test_a_log_that_was_pruned_goes_on(
    tmp_path: Path, log: Log, conf: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_term_ends(tmp_path, 600, monkeypatch)
    prune(conf)
    log.close()
    again = log_of(tmp_path, 0)
    assert again.size == 1000
    assert record(600).received_at > NOON
    again.close()
