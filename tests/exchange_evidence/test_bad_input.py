"""Whatever is sent, read or downloaded: an answer or a refusal, never a crash."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import MAKER, NOON

from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.leaf import Arrived
from panjereh.exchange.evidence.merkle import ProofRefused
from panjereh.exchange.evidence.note import LOG, WITNESS, Note, NoteRefused, NoteSigner, VerifierKey
from panjereh.exchange.evidence.proof import LogProof
from panjereh.exchange.evidence.stamps import TrustedTime
from panjereh.exchange.evidence.tiles import BundleRefused, pack_entries, unpack_entries
from panjereh.exchange.evidence.timestamps import StampRefused, check_stamp
from panjereh.exchange.evidence.verify import verify
from panjereh.exchange.evidence.witness import Witness

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SIGNER = NoteSigner.new("nix.example/log", LOG)
HEAD = Checkpoint("nix.example/log", 1, bytes(32))
NOTE = f"{HEAD.text}\n{SIGNER.sign(HEAD.text)}"
PROOF = str(LogProof(0, (bytes(32),), NOTE))
SUBMISSION = f"old 0\n\n{NOTE}"


def near(text: str) -> st.SearchStrategy[str]:
    """The text with a stretch of it replaced: deep enough to reach every branch of a parser."""

    def changed(cut: tuple[int, int, str]) -> str:
        first, last = sorted(cut[:2])
        return text[:first] + cut[2] + text[last:]

    places = st.integers(0, len(text))
    alphabet = st.one_of(st.sampled_from("\n +—=0٣\x00\udcff"), st.characters())
    return st.tuples(places, places, st.text(alphabet, max_size=30)).map(changed)


@QUICK
@given(near(NOTE))
def test_notes_and_heads(text: str) -> None:
    try:
        Checkpoint.parse(Note.parse(text).text)
    except NoteRefused:
        return


@QUICK
@given(near(PROOF), st.binary(max_size=50))
def test_proofs(text: str, record: bytes) -> None:
    with suppress(ProofRefused):
        LogProof.parse(text)
    verdict = verify(text, record, [str(SIGNER.verifier)])
    assert not verdict.valid


@QUICK
@given(near(str(SIGNER.verifier)))
def test_keys(text: str) -> None:
    try:
        VerifierKey.parse(text)
    except NoteRefused:
        return


@QUICK
@given(
    st.one_of(st.binary(max_size=300), near(SUBMISSION).map(lambda t: t.encode("utf-8", "replace")))
)
def test_submissions_to_a_witness(tmp_path: Path, body: bytes) -> None:
    own = NoteSigner.new("court.example/w", WITNESS)
    witness = Witness(own, [SIGNER.verifier], Folder(tmp_path))
    assert witness.add_checkpoint(body).status in {200, 400, 403, 404, 409, 422}


@QUICK
@given(st.binary(max_size=400))
def test_bundles(data: bytes) -> None:
    try:
        entries = list(unpack_entries(data))
    except BundleRefused:
        return
    assert pack_entries(entries) == data


@QUICK
@given(st.binary(max_size=400))
def test_messages_of_the_stream(data: bytes) -> None:
    leaves = list(MAKER.leaves(Arrived(1, NOON, data)))
    assert all(leaf.received_at for leaf in leaves) or leaves == []


@QUICK
@given(st.binary(max_size=400))
def test_time_stamps(document_folder: Path, data: bytes) -> None:
    trusted = TrustedTime.load(document_folder)
    with pytest.raises(StampRefused):
        check_stamp(data, HEAD.text, trusted.roots, trusted.between)
