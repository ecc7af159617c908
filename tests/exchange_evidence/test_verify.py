"""What a court or a member checks, offline; sigstore's code has to agree with every verdict."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import accepts
from sample import ORIGIN, keys_in, leaves, log_of

from panjereh.exchange.evidence import verify as verifying
from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.log import Log
from panjereh.exchange.evidence.note import LOG, WITNESS, NoteSigner, signed
from panjereh.exchange.evidence.proof import LogProof
from panjereh.exchange.evidence.verify import verify

INDEX, COUNT = 300, 700


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verify")


@pytest.fixture(scope="module")
def log(home: Path) -> Iterator[Log]:
    made = log_of(home, COUNT)
    yield made
    made.close()


@pytest.fixture(scope="module")
def signer(home: Path) -> NoteSigner:
    return keys_in(home).signer


@pytest.fixture(scope="module")
def vkey(signer: NoteSigner) -> str:
    return str(signer.verifier)


@pytest.fixture(scope="module")
def record() -> bytes:
    return leaves(1, INDEX)[0].entry


@pytest.fixture(scope="module")
def proof(log: Log) -> str:
    return str(LogProof(INDEX, log.tree.inclusion(INDEX), str(log.published.note)))


@pytest.mark.req("PRV-11", "NIX-39")
def test_a_record_in_the_log_is_proved(proof: str, record: bytes, vkey: str) -> None:
    verdict = verify(proof, record, [vkey])
    assert verdict.valid
    assert (verdict.origin, verdict.index, verdict.size) == (ORIGIN, INDEX, COUNT)
    assert verdict.record["consumer"].endswith("civil-registration-window")
    assert accepts(proof, record, vkey)


@given(st.integers(0, COUNT - 1))
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_record_is_proved_to_us_and_to_the_oracle(log: Log, vkey: str, index: int) -> None:
    text = str(LogProof(index, log.tree.inclusion(index), str(log.published.note)))
    own, other = leaves(1, index)[0].entry, leaves(1, (index + 1) % COUNT)[0].entry
    assert (verify(text, own, [vkey]).valid, accepts(text, own, vkey)) == (True, True)
    assert (verify(text, other, [vkey]).valid, accepts(text, other, vkey)) == (False, False)


@pytest.mark.req("PRV-11")
def test_no_byte_of_the_record_can_be_changed(proof: str, record: bytes, vkey: str) -> None:
    for place in range(len(record)):
        changed = bytearray(record)
        changed[place] ^= 1
        assert not verify(proof, bytes(changed), [vkey]).valid


@pytest.mark.req("PRV-11")
@given(st.data())
@settings(deadline=None)
def test_no_character_of_the_proof_can_be_changed(
    proof: str, record: bytes, vkey: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(proof) - 1))
    character = data.draw(st.characters(codec="utf-8"))
    changed = proof[:place] + character + proof[place + 1 :]
    assert verify(changed, record, [vkey]).valid == (changed == proof)


@pytest.mark.req("PRV-11")
def test_a_forged_checkpoint_proves_nothing(
    log: Log, record: bytes, vkey: str, signer: NoteSigner
) -> None:
    """A tree made for one record, signed by somebody else under the log's name."""
    forger = NoteSigner.new(ORIGIN, LOG)
    head = Checkpoint(ORIGIN, COUNT, log.published.head.root)
    text = str(
        LogProof(INDEX, log.tree.inclusion(INDEX), signed(head.text, [forger.sign(head.text)]))
    )
    assert verify(text, record, [vkey]).reason == "no key that is trusted here has signed the note"
    assert not accepts(text, record, vkey)
    other = signer.sign(Checkpoint(ORIGIN, COUNT - 1, head.root).text)
    mixed = signed(head.text, [forger.sign(head.text), other])
    text = str(LogProof(INDEX, log.tree.inclusion(INDEX), mixed))
    assert "wrong" in verify(text, record, [vkey]).reason


def test_a_witness_alone_makes_no_log(log: Log, record: bytes, vkey: str) -> None:
    witness = NoteSigner.new("court.example/w", WITNESS)
    text = log.published.note.text
    lines = [s.line for s in log.published.note.signatures]
    both = signed(text, [*lines, witness.sign(text, 1_800_000_000)])
    alone = signed(text, [witness.sign(text, 1_800_000_000)])
    path = log.tree.inclusion(INDEX)
    keys = [vkey, str(witness.verifier)]
    verdict = verify(str(LogProof(INDEX, path, both)), record, keys)
    assert [(name, time.year) for name, time in verdict.witnesses] == [("court.example/w", 2027)]
    refused = verify(str(LogProof(INDEX, path, alone)), record, keys)
    assert (refused.valid, "log itself" in refused.reason) == (False, True)


def test_the_key_of_another_log_is_not_the_key_of_this_one(
    log: Log, record: bytes, proof: str
) -> None:
    """Its own log may be honest; what it signs of ours says nothing."""
    other = NoteSigner.new("other.example/log", LOG)
    text = log.published.note.text
    path = log.tree.inclusion(INDEX)
    signed_by_other = str(LogProof(INDEX, path, signed(text, [other.sign(text)])))
    assert not verify(signed_by_other, record, [str(other.verifier)]).valid


@pytest.mark.parametrize("text", ["", "nonsense", "c2sp.org/tlog-proof@v1\n", "{}"])
def test_what_is_no_proof_is_told(text: str, record: bytes, vkey: str) -> None:
    verdict = verify(text, record, [vkey])
    assert not verdict.valid
    assert verdict.reason


def test_without_a_key_nothing_is_proved(proof: str, record: bytes) -> None:
    assert not verify(proof, record, []).valid
    assert not verify(proof, record, ["nonsense"]).valid


@pytest.fixture
def files(tmp_path: Path, proof: str, record: bytes) -> Path:
    (tmp_path / "call.tlog-proof").write_text(proof)
    (tmp_path / "call.record").write_bytes(record)
    bundle = {"proof": proof, "record": record.decode(), "time_stamp": None}
    (tmp_path / "proof.json").write_text(json.dumps(bundle))
    return tmp_path


def test_the_command_says_proved_and_what(
    files: Path, vkey: str, capsys: pytest.CaptureFixture[str]
) -> None:
    two = [str(files / "call.tlog-proof"), str(files / "call.record"), "--key", vkey]
    assert verifying.main(two) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"PROVED: entry {INDEX} of {COUNT} in {ORIGIN}\n")
    assert '  service: "address"\n' in told
    assert "  received_at: 1795000003000000 (2026-11-18 11:06:43 UTC)\n" in told
    assert verifying.main([str(files / "proof.json"), "--key", vkey]) == 0
    assert capsys.readouterr().out == told


def spoiled_record(files: Path) -> None:
    path = files / "call.record"
    path.write_bytes(path.read_bytes().replace(b":200", b":403"))


def reformatted_record(files: Path) -> None:
    path = files / "call.record"
    path.write_text(json.dumps(json.loads(path.read_bytes()), indent=1))


@pytest.mark.parametrize("spoil", [spoiled_record, reformatted_record])
def test_the_command_says_not_proved_and_why(
    files: Path, vkey: str, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None]
) -> None:
    spoil(files)
    two = [str(files / "call.tlog-proof"), str(files / "call.record"), "--key", vkey]
    assert verifying.main(two) == 1
    assert capsys.readouterr().out.startswith("NOT PROVED: this record is not the one")


def test_the_command_says_what_is_missing(
    files: Path, vkey: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verifying.main([str(files / "nothing"), "--key", vkey]) == 2
    assert verifying.main([str(files / "call.tlog-proof"), "--key", vkey]) == 2
    assert "needs its RECORD" in capsys.readouterr().err
    (files / "root.pem").write_text("nonsense")
    wants_time = ["--key", vkey, "--root", str(files / "root.pem")]
    assert verifying.main([str(files / "proof.json"), *wants_time]) == 2
    assert "no time stamp" in capsys.readouterr().err
