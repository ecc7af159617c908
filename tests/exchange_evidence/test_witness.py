"""Witnesses: they sign a log that grows, refuse one that turns back, and are asked by the log."""

import asyncio
import base64
import hashlib
import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from feed import Feed
from keeping import keep_until
from pytest_django import Settings
from sample import ORIGIN, keys_in, leaves, log_of, records

from panjereh.exchange.evidence import config as configuration
from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.cosigning import Cosigning, LogForked
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.log import Log, Position
from panjereh.exchange.evidence.note import (
    LOG,
    WITNESS,
    Note,
    NoteSigner,
    VerifierKey,
    check_signatures,
    signed,
)
from panjereh.exchange.evidence.outside import build_client
from panjereh.exchange.evidence.proof import write_hashes
from panjereh.exchange.evidence.stored import Published, StoredTree, published
from panjereh.exchange.evidence.witness import Witness, build_server
from panjereh.runtime.ports import free_port

NOW = 1_800_000_000


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = log_of(tmp_path / "log", 700, [3, 256, 400])
    yield made
    made.close()


@pytest.fixture
def signer(tmp_path: Path) -> NoteSigner:
    return keys_in(tmp_path / "log").signer


@pytest.fixture
def witness(tmp_path: Path, signer: NoteSigner) -> Witness:
    state = tmp_path / "witness"
    state.mkdir()
    own = NoteSigner.new("court.example/w", WITNESS)
    return Witness(own, [signer.verifier], Folder(state), clock=lambda: NOW)


def note_of(log: Log, signer: NoteSigner, size: int) -> str:
    head = Checkpoint(ORIGIN, size, log.tree.root_at(size))
    return signed(head.text, [signer.sign(head.text)])


def submission(log: Log, signer: NoteSigner, old: int, new: int) -> bytes:
    path = StoredTree(log.folder, new).consistency(old) if old <= new else []
    return f"old {old}\n{write_hashes(path)}\n{note_of(log, signer, new)}".encode()


def test_a_witness_signs_each_step_of_a_growing_log(
    log: Log, signer: NoteSigner, witness: Witness
) -> None:
    last = 0
    for size in (3, 256, 256, 400, 700):
        reply = witness.add_checkpoint(submission(log, signer, last, size))
        assert reply.status == 200
        note = Note.parse(note_of(log, signer, size) + reply.body)
        found = check_signatures(note, [signer.verifier, witness.signer.verifier])
        assert [(s.key.kind, s.time) for s in found] == [(LOG, None), (WITNESS, NOW)]
        last = size


@pytest.mark.req("PRV-11")
def test_a_witness_refuses_a_log_that_turns_back(
    log: Log, signer: NoteSigner, witness: Witness
) -> None:
    assert witness.add_checkpoint(submission(log, signer, 0, 400)).status == 200
    for old, new in ((0, 256), (256, 256), (256, 700), (0, 400)):
        reply = witness.add_checkpoint(submission(log, signer, old, new))
        assert (reply.status, reply.body) == (409, "400\n")
        assert reply.content_type == "text/x.tlog.size"
    assert witness.add_checkpoint(submission(log, signer, 400, 700)).status == 200


@pytest.mark.req("PRV-11")
def test_a_witness_refuses_another_history_and_a_wrong_proof(
    tmp_path: Path, log: Log, signer: NoteSigner, witness: Witness
) -> None:
    assert witness.add_checkpoint(submission(log, signer, 0, 256)).status == 200
    rewritten = log_of(tmp_path / "other", 0)
    rewritten.append([*leaves(255), *leaves(145, 300)], Position("s", 1, "d"))
    for new in (256, 400):
        assert witness.add_checkpoint(submission(rewritten, signer, 256, new)).status == 422
    body = submission(log, signer, 256, 700)
    lines = body.split(b"\n")
    lines[1] = base64.b64encode(bytes(32))
    assert witness.add_checkpoint(b"\n".join(lines)).status == 422
    missing = b"\n".join([lines[0], *lines[2:]])
    assert witness.add_checkpoint(missing).status == 422
    same_size = Checkpoint(ORIGIN, 256, bytes(32)).text
    forged = f"old 256\n\n{signed(same_size, [signer.sign(same_size)])}"
    assert witness.add_checkpoint(forged.encode()).status == 422
    assert witness.add_checkpoint(body).status == 200


def test_a_proof_from_nothing_is_refused(log: Log, signer: NoteSigner, witness: Witness) -> None:
    body = f"old 0\n{write_hashes([bytes(32)])}\n{note_of(log, signer, 3)}".encode()
    assert witness.add_checkpoint(body).status == 422


@pytest.mark.req("PRV-11")
def test_a_witness_refuses_a_forged_checkpoint(
    log: Log, signer: NoteSigner, witness: Witness
) -> None:
    stranger = NoteSigner.new(ORIGIN, LOG)
    assert witness.add_checkpoint(submission(log, stranger, 0, 3)).status == 403
    right = submission(log, signer, 0, 3)
    other = submission(log, signer, 0, 256)
    mixed = right.rpartition(b"\n\n")[0] + b"\n\n" + other.rpartition(b"\n\n")[2]
    assert witness.add_checkpoint(mixed).status == 403
    elsewhere = NoteSigner.new("another.example/log", LOG)
    head = Checkpoint("another.example/log", 3, log.tree.root_at(3)).text
    unknown = f"old 0\n\n{signed(head, [elsewhere.sign(head)])}"
    assert witness.add_checkpoint(unknown.encode()).status == 404
    assert witness.add_checkpoint(right).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"old 3",
        b"old -1\n\nx",
        b"old 03\n\n",
        "old ٣\n\n".encode(),
        b"new 3\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n",
        b"old 0\nAAAA\n\nx\n3\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 x AAAAAAAA\n",
    ],
)
def test_what_is_no_submission_is_a_bad_request(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_a_larger_old_size_than_the_checkpoint_is_a_bad_request(
    log: Log, signer: NoteSigner, witness: Witness
) -> None:
    assert witness.add_checkpoint(submission(log, signer, 400, 256)).status == 400


def test_of_many_submissions_at_once_none_takes_the_log_back(
    log: Log, signer: NoteSigner, witness: Witness
) -> None:
    assert witness.add_checkpoint(submission(log, signer, 0, 3)).status == 200
    bodies = [submission(log, signer, 3, size) for size in (256, 400, 700)] * 5
    with ThreadPoolExecutor(15) as pool:
        statuses = [r.status for r in pool.map(witness.add_checkpoint, bodies)]
    assert (statuses.count(200), statuses.count(409)) == (1, 14)


def test_what_a_witness_signed_it_still_knows_after_it_was_killed(
    tmp_path: Path, log: Log, signer: NoteSigner, witness: Witness
) -> None:
    witness.add_checkpoint(submission(log, signer, 0, 400))
    again = Witness(witness.signer, witness.logs, witness.state)
    assert again.add_checkpoint(submission(log, signer, 0, 256)).status == 409
    name = hashlib.sha256(ORIGIN.encode()).hexdigest()
    shown = again.latest(name)
    found = check_signatures(Note.parse(shown.body), [signer.verifier, witness.signer.verifier])
    assert len(found) == 2
    assert again.latest("0" * 64).status == 404


@pytest.fixture
def served(witness: Witness) -> Iterator[str]:
    server = build_server(witness, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(url: str, method: str, path: str, body: bytes | None, **headers: str) -> tuple[int, bytes]:
    wire = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    wire.request(method, path, body, headers)
    answer = wire.getresponse()
    told = answer.status, answer.read()
    wire.close()
    return told


def test_a_witness_speaks_http(log: Log, signer: NoteSigner, witness: Witness, served: str) -> None:
    assert ask(served, "POST", "/add-checkpoint", submission(log, signer, 0, 3))[0] == 200
    assert ask(served, "POST", "/add-checkpoint", submission(log, signer, 0, 3)) == (409, b"3\n")
    name = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert ask(served, "GET", f"/{name}/checkpoint", None)[0] == 200
    assert ask(served, "GET", "/../../etc/passwd/checkpoint", None)[0] == 404
    assert ask(served, "GET", "/", None)[0] == 404
    assert ask(served, "POST", "/elsewhere", b"x")[0] == 404
    assert ask(served, "POST", "/add-checkpoint", b"x" * 70_000)[0] == 413


def cosigning(log: Log, witness: Witness, signer: NoteSigner, url: str, times: int) -> list[str]:
    """Ask the witness for the newest checkpoint, as often as told; the last answer."""
    at = configuration.WitnessAt(url, witness.signer.verifier)

    async def run() -> list[str]:
        lines: list[str] = []
        async with build_client() as client:
            asking = Cosigning(client, [at], [signer.verifier])
            for _ in range(times):
                lines = await asking.cosign(log.published, log.tree)
        return lines

    return asyncio.run(run())


def test_the_log_asks_and_publishes_what_the_witness_signed(
    log: Log, signer: NoteSigner, witness: Witness, served: str
) -> None:
    witness.add_checkpoint(submission(log, signer, 0, 256))  # it is behind: 409, then the proof
    for _ in range(2):
        log.attach(log.published, cosigning(log, witness, signer, served, 2))
    seen = published(log.folder)
    assert seen
    assert [s.name for s in seen.note.signatures] == [ORIGIN, "court.example/w"]
    check_signatures(seen.note, [signer.verifier, witness.signer.verifier])


def test_a_cosignature_of_an_older_checkpoint_does_not_take_the_newest_away(
    log: Log, signer: NoteSigner, witness: Witness, served: str
) -> None:
    seen = log.published
    lines = cosigning(log, witness, signer, served, 1)
    log.append(leaves(1, 700), Position("s", 701, "d"))
    log.attach(seen, lines)
    assert log.published.head.size == 701
    assert len(log.published.note.signatures) == 1


@pytest.mark.req("PRV-11")
def test_a_log_that_a_witness_proves_to_have_been_larger_signs_no_more(
    tmp_path: Path, log: Log, signer: NoteSigner, witness: Witness, served: str
) -> None:
    """Put back whole from an old copy, checkpoint and all: only others can know."""
    assert witness.add_checkpoint(submission(log, signer, 0, 700)).status == 200
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "keys").symlink_to(tmp_path / "log" / "keys")
    old = log_of(tmp_path / "old", 400)
    with pytest.raises(LogForked):
        cosigning(old, witness, signer, served, 1)
    old.append(leaves(300, 900), Position("s", 2, "d"))  # as large again, with another history
    with pytest.raises(LogForked):
        cosigning(old, witness, signer, served, 1)


def test_a_witness_that_only_claims_to_know_more_stops_nobody(
    tmp_path: Path, log: Log, signer: NoteSigner, witness: Witness, served: str
) -> None:
    stranger = NoteSigner.new(ORIGIN, LOG)
    head = Checkpoint(ORIGIN, 9_000, bytes(32)).text
    name = hashlib.sha256(ORIGIN.encode()).hexdigest()
    note = signed(head, [stranger.sign(head)])
    witness.state.write({f"{name}.checkpoint": note.encode()})
    assert cosigning(log, witness, signer, served, 1) == []


def test_a_witness_that_is_away_or_lies_is_left_out(
    log: Log, signer: NoteSigner, witness: Witness, served: str
) -> None:
    assert cosigning(log, witness, signer, f"http://127.0.0.1:{free_port()}", 2) == []
    stranger = Witness(NoteSigner.new("court.example/w", WITNESS), witness.logs, witness.state)
    assert cosigning(log, stranger, signer, served, 1) == []


def test_a_member_runs_a_witness_and_the_worker_finds_it(
    tmp_path: Path, conf: Config, feed: Feed, settings: Settings
) -> None:
    key, vkey = new_key(tmp_path)
    port = free_port()
    log_key = keys_in(conf.keys.parent).signer.verifier
    command = [sys.executable, "-m", "panjereh.exchange.evidence.witness", "--key", str(key)]
    command += ["--log", str(log_key), "--state", str(tmp_path / "w"), "--listen"]
    output = (tmp_path / "witness.log").open("wb")
    process = subprocess.Popen([*command, f"127.0.0.1:{port}"], stderr=output)
    try:
        settings.EVIDENCE |= {"witnesses": [f"http://127.0.0.1:{port}={vkey}"]}
        wait_for_port(port)
        feed.put(records(5))
        keep_until_signed_by(feed, conf, "court.example/w")
    finally:
        process.kill()
        process.wait()
        output.close()


def new_key(folder: Path) -> tuple[Path, VerifierKey]:
    file = folder / "witness.skey"
    command = [sys.executable, "-m", "panjereh.exchange.evidence.keys", "witness"]
    made = subprocess.run([*command, "court.example/w", str(file)], capture_output=True, check=True)
    return file, VerifierKey.parse(made.stdout.decode())


def wait_for_port(port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the witness does not listen")


def keep_until_signed_by(feed: Feed, conf: Config, name: str) -> None:
    for size in range(5, 30):
        keep_until(size, feed.url)
        seen = published(conf.folder)
        if seen and name in [s.name for s in seen.note.signatures]:
            assert Published.parse(str(seen.note)).head.size >= 5
            return
        feed.put(records(1, size))
    raise AssertionError("nobody signed")
