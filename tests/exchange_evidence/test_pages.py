"""The log over HTTP: addresses and headers of the standard, proofs for whom the call concerns."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bookkeeping import Books
from django.test import Client
from oracle import accepts
from people import Offices, coming, sign_in
from sample import MAKER, keys_in, leaves, log_of, record, records

from panjereh.exchange import actions
from panjereh.exchange.evidence import merkle, urls, verify
from panjereh.exchange.evidence.authority import SandboxAuthority
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.log import Log, Position
from panjereh.exchange.evidence.retention import publish_policy
from panjereh.exchange.evidence.stamps import Stamper, TrustedTime
from panjereh.exchange.evidence.tiles import split_hashes
from panjereh.exchange.models import Representative

COUNT = 700
FOR_EVER = "public, max-age=31536000, immutable"
# Every address of the log and who may read it. One that is not named here fails the test below.
RULES = {
    "log-checkpoint": "public",
    "log-tile": "public",
    "log-keys": "public",
    "log-policy": "public",
    "log-stamp": "public",
    "log-stamp-note": "public",
    "log-entries": "overseer",
    "log-audit": "overseer",
    "call-proof": "party",
    "call-proof-text": "party",
    "call-proof-record": "party",
    "call-proof-stamp": "party",
}


@pytest.fixture
def log(tmp_path: Path, conf: Config, books: Books, document_folder: Path) -> Iterator[Log]:
    """Of its records 512 are covered by a time stamp, the others not yet."""
    made = log_of(tmp_path, 512)
    stamper = Stamper(
        made.folder, SandboxAuthority(document_folder), TrustedTime.load(document_folder)
    )
    assert asyncio.run(stamper.stamp(made.published))
    made.append(leaves(COUNT - 512, 512), Position("s", 2, "d"))
    publish_policy(conf)
    books.enter(records(COUNT))
    yield made
    made.close()


@pytest.fixture
def operator(log: Log, client: Client) -> Client:
    Offices.enter()
    return sign_in(client, "operator")


def test_every_address_has_its_rule(log: Log) -> None:
    doors = {pattern.name: pattern.callback.door for pattern in urls.urlpatterns}
    assert doors == RULES


@pytest.mark.req("PRV-11")
def test_anybody_reads_the_tree_and_computes_its_root(log: Log, client: Client) -> None:
    checkpoint = client.get("/log/checkpoint")
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "public, max-age=1"
    size = int(checkpoint.content.split(b"\n")[1])
    hashes: list[bytes] = []
    for place in ("000", "001", "002.p/188"):
        tile = client.get(f"/log/tile/0/{place}")
        assert tile.headers["Content-Type"] == "application/octet-stream"
        assert tile.headers["Cache-Control"] == FOR_EVER
        hashes += split_hashes(tile.content)
    assert len(hashes) == size

    def node(height: int, index: int) -> bytes:
        return merkle.perfect_root(hashes[index << height : (index + 1) << height])

    assert merkle.root(node, size) == log.published.head.root


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/003",
        "tile/0/002.p/189",
        "tile/0/002.p/0",
        "tile/0/2",
        "tile/64/000",
        "tile/00/000",
        "tile/0/../../keys/evidence/log.skey",
        "tile/0/%2e%2e/%2e%2e/state",
        "tile/0/x000/../../../state",
        "state",
        "minimum",
        "stamp/513.tsr",
        "stamp/512.txt",
    ],
)
def test_nothing_else_of_the_files_is_handed_out(log: Log, client: Client, path: str) -> None:
    assert client.get(f"/log/{path}").status_code == 404


def test_keys_policy_and_stamps_are_public(
    log: Log, conf: Config, client: Client, tmp_path: Path
) -> None:
    assert client.get("/log/keys").content.decode() == f"{keys_in(tmp_path).signer.verifier}\n"
    policy = client.get("/log/policy").json()
    assert (policy["minimum_index"], policy["retention_days"]) == (0, 184)
    note = client.get("/log/stamp/512.note")
    assert note.content.split(b"\n")[1] == b"512"
    stamp = client.get("/log/stamp/512.tsr")
    assert stamp.headers["Content-Type"] == "application/timestamp-reply"
    assert stamp.headers["Cache-Control"] == FOR_EVER


def test_writing_is_not_possible(log: Log, operator: Client) -> None:
    for path in ("checkpoint", "tile/0/000", f"proof/{record(3).request_id}"):
        assert operator.post(f"/log/{path}").status_code == 405


OWN = record(3).request_id
OF_ALL = ["tile/entries/000", "audit"]
OF_ONE = [f"proof/{OWN}{kind}" for kind in ("", ".tlog-proof", ".record", ".tsr")]


@pytest.mark.req("NIX-03", "PRV-01")
def test_traffic_data_are_not_for_visitors(log: Log, client: Client) -> None:
    Offices.enter()
    for path in [*OF_ALL, *OF_ONE]:
        answer = client.get(f"/log/{path}")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/signin/login?next=")


@pytest.mark.req("NIX-03", "NIX-39", "PRV-01")
@pytest.mark.parametrize(
    ("who", "of_all", "of_one"),
    [
        ("operator", 200, 200),
        ("auditor", 200, 200),
        ("consumer", 403, 200),
        ("provider", 403, 200),
        ("third", 403, 404),  # nor does it learn that there was such a call
        ("secretary", 403, 403),
        ("stranger", 403, 403),
    ],
)
def test_a_proof_is_for_the_sides_of_the_call_and_the_whole_log_for_overseers(
    log: Log, conf: Config, who: str, of_all: int, of_one: int
) -> None:
    Offices.enter()
    conf.folder.write({"audit.json": b"{}"})
    visitor = coming(who)
    assert {visitor.get(f"/log/{path}").status_code for path in OF_ALL} == {of_all}
    assert {visitor.get(f"/log/{path}").status_code for path in OF_ONE} == {of_one}


@pytest.mark.req("NIX-20", "NIX-39")
def test_a_member_proves_a_call_that_another_made_for_it(log: Log, books: Books) -> None:
    Offices.enter()
    made = record(COUNT, represented="IR-TEST/GOV/14000000003/branch")
    books.enter([made])
    log.append([MAKER.of_record(made)], Position("s", 3, "d"))
    assert coming("third").get(f"/log/proof/{made.request_id}.record").status_code == 200


def test_a_withdrawn_representative_gets_no_proof(log: Log) -> None:
    operator = Offices.enter().operator
    visitor = coming("consumer")
    assert visitor.get(f"/log/{OF_ONE[0]}").status_code == 200
    standing = Representative.objects.get(name="consumer")
    actions.withdraw_representative(actor=operator, representative=standing)
    assert visitor.get(f"/log/{OF_ONE[0]}").status_code == 403


@pytest.mark.req("NIX-39", "PRV-11")
def test_the_proof_of_a_call_convinces_an_outsider(
    log: Log, operator: Client, tmp_path: Path
) -> None:
    own = record(300).request_id
    answer = operator.get(f"/log/proof/{own}.record")
    assert answer.headers["Cache-Control"] == "private, no-store"
    proof = operator.get(f"/log/proof/{own}.tlog-proof").content.decode()
    vkey = str(keys_in(tmp_path).signer.verifier)
    verdict = verify.verify(proof, answer.content, [vkey])
    assert (verdict.valid, verdict.index, verdict.record["request_id"]) == (True, 300, own)
    assert accepts(proof, answer.content, vkey)
    assert not accepts(proof, answer.content.replace(b":200", b":403"), vkey)


@pytest.mark.req("PRV-11")
def test_one_file_holds_record_proof_and_time(
    log: Log, operator: Client, tmp_path: Path, document_folder: Path
) -> None:
    answer = operator.get(f"/log/proof/{record(300).request_id}")
    (tmp_path / "proof.json").write_bytes(answer.content)
    roots = tmp_path / "roots.pem"
    parts = [document_folder / "roots/sandbox.crt", document_folder / "chain/sandbox.crt"]
    roots.write_text("".join(part.read_text() for part in parts))
    key = str(keys_in(tmp_path).signer.verifier)
    told = [str(tmp_path / "proof.json"), "--key", key, "--root", str(roots)]
    assert verify.main(told) == 0


def test_a_call_that_no_stamp_covers_yet_is_proved_by_the_newest_checkpoint(
    log: Log, operator: Client
) -> None:
    own = record(600).request_id
    given = operator.get(f"/log/proof/{own}").json()
    assert given["time_stamp"] is None
    assert f"\n{COUNT}\n" in given["proof"]
    assert operator.get(f"/log/proof/{own}.tsr").status_code == 404


def test_a_call_that_is_not_in_the_log_yet_is_asked_for_again_later(
    log: Log, operator: Client, books: Books
) -> None:
    books.enter([record(COUNT)])
    own = record(COUNT).request_id
    answer = operator.get(f"/log/proof/{own}")
    assert (answer.status_code, b"few seconds" in answer.content) == (404, True)
    log.append(leaves(1, COUNT), Position("s", 3, "d"))
    assert operator.get(f"/log/proof/{own}").status_code == 200
    assert operator.get("/log/proof/00000000-0000-4000-8000-000000000000").status_code == 404


@pytest.mark.req("NIX-39")
def test_of_a_withheld_answer_the_proof_says_that_it_was_withheld(
    log: Log, operator: Client
) -> None:
    changed: dict[str, Any] = {"status": 500, "cause": "gateway", "response_digest": ""}
    code = "server.serverproxy.logging_failed.not_recorded"
    withheld = record(650, error_code=code, **changed)
    log.append([MAKER.of_record(withheld)], Position("s", 3, "d"))
    given = operator.get(f"/log/proof/{withheld.request_id}").json()
    assert json.loads(given["record"])["status"] == 500


@pytest.mark.req("NIX-03")
def test_entries_hold_no_more_than_their_records(log: Log, operator: Client) -> None:
    answer = operator.get("/log/tile/entries/002.p/188")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.content == log.folder.read("tile/entries/002.p/188")


def test_before_there_is_a_log_nothing_is_there(conf: Config, client: Client) -> None:
    for path in ("checkpoint", "keys", "policy", "tile/0/000", "stamp/1.note"):
        assert client.get(f"/log/{path}").status_code == 404
