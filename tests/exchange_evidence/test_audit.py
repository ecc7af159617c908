"""A record that was deleted, altered or moved is found, wherever it was done and by whom."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bookkeeping import DAWN, DUSK, Books
from sample import MAKER, keys_in, leaves, log_of, open_log, record, records

from panjereh.common import clock
from panjereh.exchange.evidence import jobs
from panjereh.exchange.evidence.__main__ import main
from panjereh.exchange.evidence.audit import audit
from panjereh.exchange.evidence.authority import SandboxAuthority
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.findings import Finding, check_files
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.log import Position
from panjereh.exchange.evidence.note import LOG, NoteSigner
from panjereh.exchange.evidence.stamps import Stamper, TrustedTime
from panjereh.exchange.evidence.tiles import pack_entries, split_hashes, unpack_entries

COUNT = 700
Bundle = list[bytes]


@pytest.fixture
def kept(tmp_path: Path, conf: Config, books: Books) -> Iterator[Config]:
    """A log of seven hundred calls, and the same in the books."""
    log_of(tmp_path, COUNT, [256, 512]).close()
    books.enter(records(COUNT))
    yield conf


def kinds(found: list[Finding]) -> set[str]:
    return {finding.kind for finding in found}


@pytest.mark.req("PRV-11")
def test_nothing_is_found_where_nothing_was_done(kept: Config) -> None:
    assert audit(kept, DAWN, DUSK) == []
    told = json.loads(kept.folder.read("audit.json") or b"")
    assert (told["found"], told["since"]) == ({}, DAWN.isoformat())


@pytest.mark.req("PRV-11", "NIX-39")
def test_a_record_deleted_from_the_books_is_found(
    kept: Config, books: Books, caplog: pytest.LogCaptureFixture
) -> None:
    gone = record(123).request_id
    assert books.change("DELETE FROM exchange_callrecord WHERE request_id = %s", gone) == 1
    assert audit(kept, DAWN, DUSK) == [Finding("deleted", gone)]
    assert "audit-found" in caplog.text
    told = json.loads(kept.folder.read("audit.json") or b"")
    assert (told["found"], told["first"]) == ({"deleted": 1}, [f"deleted {gone}"])


@pytest.mark.req("PRV-11", "NIX-39")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("consumer", "IR-TEST/GOV/1/somebody-else"),
        ("user_pseudonym", ""),
        ("status", 403),
        ("response_digest", "sha-256=:other:"),
        ("finished_at", "2026-11-22T00:00:00Z"),
        ("grant_id", None),
        ("issue", "TR-1"),
    ],
)
def test_a_record_altered_in_the_books_is_found(
    kept: Config, books: Books, column: str, value: object
) -> None:
    sql = f"UPDATE exchange_callrecord SET {column} = %s WHERE request_id = %s"
    assert books.change(sql, value, record(300).request_id) == 1
    assert audit(kept, DAWN, DUSK) == [Finding("altered", record(300).request_id, column)]


@pytest.mark.req("PRV-11")
def test_a_record_that_was_put_into_the_books_by_hand_is_found(kept: Config, books: Books) -> None:
    books.enter([record(9_000)])
    assert audit(kept, DAWN, DUSK) == [Finding("unlogged", record(9_000).request_id)]


@pytest.mark.req("PRV-11")
def test_times_swapped_between_two_records_are_found(kept: Config, books: Books) -> None:
    for one, other in ((10, 20), (20, 10)):
        books.change(
            "UPDATE exchange_callrecord SET received_at = to_timestamp(%s) WHERE request_id = %s",
            record(other).received_at / 1e6,
            record(one).request_id,
        )
    found = audit(kept, DAWN, DUSK)
    assert {f.subject for f in found} == {record(10).request_id, record(20).request_id}
    assert kinds(found) == {"altered"}


def test_an_answer_that_was_withheld_later_is_no_alteration(
    tmp_path: Path, conf: Config, books: Books
) -> None:
    """The stream holds both; the books keep that the answer was withheld, and so does the proof."""
    withheld = record(
        5,
        status=500,
        cause="gateway",
        error_code="server.serverproxy.logging_failed.not_recorded",
        response_size=0,
        response_digest="",
    )
    told = [*records(8), withheld]
    log = open_log(tmp_path)
    log.append([MAKER.of_record(r) for r in told], Position("s", 1, "d"))
    log.close()
    books.enter(told)
    assert audit(conf, DAWN, DUSK) == []


def rewrite(folder: Folder, name: str, change: Callable[[Bundle], Bundle]) -> None:
    path = folder.path / name
    path.write_bytes(pack_entries(change(list(unpack_entries(path.read_bytes())))))


def alter(entries: Bundle) -> Bundle:
    changed = entries[7].replace(b'"status":200', b'"status":403')
    assert changed != entries[7]
    return [*entries[:7], changed, *entries[8:]]


def delete(entries: Bundle) -> Bundle:
    return [*entries[:7], *entries[8:]]


def reorder(entries: Bundle) -> Bundle:
    return [*entries[:7], entries[8], entries[7], *entries[9:]]


@pytest.mark.req("PRV-11")
@pytest.mark.parametrize(
    ("change", "kind"), [(alter, "altered"), (delete, "deleted"), (reorder, "reordered")]
)
@pytest.mark.parametrize(("name", "first"), [("001", 256), ("002.p/188", 512)])
def test_an_entry_changed_in_the_log_is_found(
    kept: Config, change: Callable[[Bundle], Bundle], kind: str, name: str, first: int
) -> None:
    rewrite(kept.folder, f"tile/entries/{name}", change)
    assert audit(kept, DAWN, DUSK) == [Finding(kind, f"entry {first + 7}")]


@pytest.mark.req("PRV-11")
def test_an_entry_changed_with_all_hashes_above_it_is_found_by_the_signed_root(
    kept: Config, tmp_path: Path
) -> None:
    """Whoever can write every file, but has not the key."""
    shutil.rmtree(kept.folder.path / "tile")
    log = log_of(tmp_path / "forger", 0)
    forged = leaves(COUNT)
    forged[300] = leaves(1, 9_999)[0]
    log.append(forged, Position("s", 1, "d"))
    log.close()
    shutil.copytree(tmp_path / "forger" / "evidence" / "tile", kept.folder.path / "tile")
    assert audit(kept, DAWN, DUSK) == [
        Finding("forked", "checkpoint", "the tiles do not lead to the root that was signed")
    ]


@pytest.mark.req("PRV-11")
def test_a_log_signed_anew_with_the_stolen_key_is_found_by_its_old_time_stamps(
    kept: Config, tmp_path: Path, document_folder: Path
) -> None:
    log = open_log(tmp_path)
    trusted = TrustedTime.load(document_folder)
    stamper = Stamper(log.folder, SandboxAuthority(document_folder), trusted)
    assert asyncio.run(stamper.stamp(log.published))
    log.close()
    for name in ("tile", "spans"):
        shutil.rmtree(kept.folder.path / name)
    for name in ("state", "checkpoint"):
        (kept.folder.path / name).unlink()
    forged = leaves(COUNT + 10)
    del forged[300]
    thief = open_log(tmp_path)
    thief.append(forged, Position("s", 1, "d"))
    thief.close()
    found = list(check_files(kept.folder, keys_in(tmp_path).trusted))
    assert [(f.kind, f.subject) for f in found] == [("forked", "stamp 700")]


@pytest.mark.req("PRV-11")
def test_a_forged_checkpoint_is_found(kept: Config) -> None:
    path = kept.folder.path / "checkpoint"
    text = path.read_text().partition("\n\n")[0] + "\n"
    forger = NoteSigner.new("nix.example/log", LOG)
    path.write_text(f"{text}\n{forger.sign(text)}")
    assert kinds(audit(kept, DAWN, DUSK)) == {"forged"}
    path.unlink()
    assert kinds(audit(kept, DAWN, DUSK)) == {"missing"}


@pytest.mark.parametrize("name", ["tile/0/001", "tile/1/000.p/2", "tile/entries/001"])
def test_a_file_of_the_log_that_is_gone_is_found(kept: Config, name: str) -> None:
    (kept.folder.path / name).unlink()
    assert "missing" in kinds(audit(kept, DAWN, DUSK))


def test_a_changed_hash_is_found(kept: Config) -> None:
    path = kept.folder.path / "tile/0/000"
    hashes = split_hashes(path.read_bytes())
    path.write_bytes(b"".join([*hashes[:3], bytes(32), *hashes[4:]]))
    found = audit(kept, DAWN, DUSK)
    assert Finding("altered", "entry 3") in found
    assert Finding("altered", "tile/0/000") in found


def test_an_operator_is_told_on_the_command_line(
    kept: Config,
    books: Books,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(clock, "now", lambda: DUSK)
    assert main(["audit", "--days", "1"]) == 0
    books.change("DELETE FROM exchange_callrecord WHERE request_id = %s", record(5).request_id)
    assert main(["audit", "--days", "1"]) == 1
    told = f"Nothing found.\ndeleted {record(5).request_id}\n1 found.\n"
    assert capsys.readouterr().out == told


def test_the_worker_looks_at_the_past_hours(
    kept: Config, books: Books, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    books.change("DELETE FROM exchange_callrecord WHERE request_id = %s", record(5).request_id)
    monkeypatch.setattr(clock, "now", lambda: DAWN + timedelta(hours=2))
    monkeypatch.setattr(jobs, "AUDIT_EVERY", timedelta(milliseconds=20))

    async def look() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(jobs.audit_log(stop))
        while kept.folder.read("audit.json") is None and not task.done():
            await asyncio.sleep(0.02)
        stop.set()
        await task

    asyncio.run(look())
    assert "audit-found" in caplog.text


def test_the_modules_of_those_outside_need_neither_django_nor_a_network() -> None:
    """A court runs `verify`, a member runs `witness`: neither brings the platform along."""
    program = (
        "import sys\n"
        "import panjereh.exchange.evidence.verify, panjereh.exchange.evidence.witness\n"
        "heavy = {'django', 'nats', 'psycopg', 'pyreqwest', 'msgspec'} & set(sys.modules)\n"
        "sys.exit(f'brought along: {heavy}' if heavy else 0)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")
