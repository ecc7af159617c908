"""Signed notes, keys, cosignatures, checkpoints and proof texts, against the C2SP texts."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panjereh.exchange.evidence import keys
from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.merkle import ProofRefused
from panjereh.exchange.evidence.note import (
    LOG,
    WITNESS,
    Note,
    NoteRefused,
    NoteSigner,
    VerifierKey,
    check_signatures,
    signed,
)
from panjereh.exchange.evidence.proof import LogProof

# c2sp.org/signed-note, section "Example".
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONnc"
    "AlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# c2sp.org/tlog-cosignature, the example checkpoint: its shape, the keys are not published.
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501
TEXT = Checkpoint("nix.example/log", 3, bytes(32)).text


@pytest.fixture
def log() -> NoteSigner:
    return NoteSigner.new("nix.example/log", LOG)


@pytest.fixture
def witness() -> NoteSigner:
    return NoteSigner.new("court.example/w", WITNESS)


def test_the_example_of_the_specification_is_verified() -> None:
    key = VerifierKey.parse(VKEY)
    assert [s.key for s in check_signatures(Note.parse(NOTE), [key])] == [key]
    assert str(key) == VKEY
    assert str(Note.parse(NOTE)) == NOTE


def test_the_example_of_a_cosigned_checkpoint_is_read() -> None:
    note = Note.parse(COSIGNED)
    head = Checkpoint.parse(note.text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert head.text == note.text
    names = [s.name for s in note.signatures]
    assert names == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].value[:8], "big") == 1679315147


def test_a_log_and_a_witness_sign_the_same_text_apart(log: NoteSigner, witness: NoteSigner) -> None:
    note = Note.parse(signed(TEXT, [log.sign(TEXT), witness.sign(TEXT, 1_800_000_000)]))
    found = check_signatures(note, [log.verifier, witness.verifier])
    assert [(s.key.name, s.time) for s in found] == [
        ("nix.example/log", None),
        ("court.example/w", 1_800_000_000),
    ]


def test_the_time_of_a_witness_is_signed_too(witness: NoteSigner) -> None:
    line = witness.sign(TEXT, 1_800_000_000)
    value = bytearray(base64.b64decode(line.split()[2]))
    value[11] ^= 1
    forged = f"— court.example/w {base64.b64encode(value).decode()}\n"
    with pytest.raises(NoteRefused):
        check_signatures(Note.parse(signed(TEXT, [forged])), [witness.verifier])


def test_one_wrong_signature_of_a_known_key_refuses_the_whole_note(
    log: NoteSigner, witness: NoteSigner
) -> None:
    other = log.sign(Checkpoint("nix.example/log", 4, bytes(32)).text)
    note = Note.parse(signed(TEXT, [other, witness.sign(TEXT, 1)]))
    with pytest.raises(NoteRefused, match="wrong"):
        check_signatures(note, [log.verifier, witness.verifier])


def test_signatures_of_strangers_are_ignored_and_do_not_count(log: NoteSigner) -> None:
    stranger = NoteSigner.new("nix.example/log", LOG)  # the same name, another key
    both = Note.parse(signed(TEXT, [stranger.sign(TEXT), log.sign(TEXT)]))
    assert [s.key for s in check_signatures(both, [log.verifier])] == [log.verifier]
    with pytest.raises(NoteRefused, match="no key"):
        check_signatures(Note.parse(signed(TEXT, [stranger.sign(TEXT)])), [log.verifier])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda n: "",
        lambda n: n.replace("\n\n", "\n"),
        lambda n: n.removesuffix("\n"),
        lambda n: n + "\n",
        lambda n: n.replace("— ", "- "),
        lambda n: n.replace("— ", "—  "),
        lambda n: n.replace("\n\n", "\n\x07\n\n"),
        lambda n: n.replace("=\n", "\n"),
        lambda n: n + n.split("\n\n")[1] * 64,
    ],
)
def test_a_note_that_is_not_as_it_must_be_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(NoteRefused):
        check_signatures(Note.parse(spoil(NOTE)), [VerifierKey.parse(VKEY)])


@given(st.integers(0, len(NOTE) - 1), st.characters(codec="utf-8"))
def test_no_change_of_a_single_character_goes_unseen(place: int, character: str) -> None:
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    if changed == NOTE:
        return
    with pytest.raises(NoteRefused):
        check_signatures(Note.parse(changed), [VerifierKey.parse(VKEY)])


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "example.com/foo",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("example.com/foo", "example.com/bar"),
        VKEY[:-4],
        "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_a_key_that_is_not_as_it_must_be_is_refused(vkey: str) -> None:
    with pytest.raises(NoteRefused):
        VerifierKey.parse(vkey)


def test_a_private_key_is_read_back_as_it_was_written(log: NoteSigner) -> None:
    again = NoteSigner.parse(log.secret + "\n")
    assert again.verifier == log.verifier
    assert again.sign(TEXT) == log.sign(TEXT)
    with pytest.raises(NoteRefused):
        NoteSigner.parse(log.secret.replace("nix.example", "nix.elsewhere"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n5\n",
        "origin\n05\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n-1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n٥\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n5\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "origin\n5\nnot base64\n",
        "\n5\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "origin\n5\n" + base64.b64encode(bytes(32)).decode() + "\n\nmore\n",
    ],
)
def test_a_head_that_is_not_as_it_must_be_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        Checkpoint.parse(text)


@given(
    st.integers(0, 10**12),
    st.lists(st.binary(min_size=32, max_size=32), max_size=40),
    st.binary(max_size=50),
)
def test_a_proof_is_read_back_as_it_was_written(
    index: int, path: list[bytes], extra: bytes
) -> None:
    proof = LogProof(index, tuple(path), NOTE, extra)
    assert LogProof.parse(str(proof)) == proof


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: "",
        lambda p: p.replace("@v1", "@v2"),
        lambda p: p.replace("index 7\n", ""),
        lambda p: p.replace("index 7", "index 07"),
        lambda p: p.replace("index 7", "index -7"),
        lambda p: p.replace("AAA=\n", "AA==\n"),
        lambda p: p.replace("AAA=\n", "AAB=\n"),
        lambda p: p.replace("index 7\n", "index 7\n" + "A" * 43 + "=\n" * 64),
        lambda p: p.split("\n\n")[0],
    ],
)
def test_a_proof_that_is_not_as_it_must_be_is_refused(spoil: Callable[[str], str]) -> None:
    proof = str(LogProof(7, (bytes(32),), NOTE))
    with pytest.raises(ProofRefused):
        LogProof.parse(spoil(proof))


def test_keys_are_made_once_and_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys" / "log.skey"
    assert keys.main(["log", "nix.example/log", str(file)]) == 0
    vkey = capsys.readouterr().out.strip()
    assert str(NoteSigner.parse(file.read_text()).verifier) == vkey
    assert file.stat().st_mode & 0o077 == 0
    assert keys.main(["log", "nix.example/log", str(file)]) == 1
    assert str(NoteSigner.parse(file.read_text()).verifier) == vkey
    assert keys.main(["log"]) == 2
    assert keys.main(["log", "two words", str(tmp_path / "other")]) == 1


def test_production_is_given_its_keys_and_told_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(keys.KeysMissing, match=r"keys log nix\.example/log"):
        keys.log_keys(tmp_path, origin="nix.example/log", production=True)
    made = keys.log_keys(tmp_path, origin="nix.example/log", production=False)
    again = keys.log_keys(tmp_path, origin="nix.example/log", production=True)
    assert made.signer.verifier == again.signer.verifier
    assert made.nonce_key == again.nonce_key
    former = NoteSigner.new("nix.example/log", LOG).verifier
    (tmp_path / "evidence" / "former.vkeys").write_text(f"{former}\n\n")
    assert keys.public_keys(tmp_path) == [made.signer.verifier, former]
