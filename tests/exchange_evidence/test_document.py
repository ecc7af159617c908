"""docs/verify-a-call.md is true: its commands run as they stand there, and find what is wrong."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample import MAKER, digest, keys_in, log_of, open_log, record

from panjereh.exchange.evidence.authority import SandboxAuthority
from panjereh.exchange.evidence.log import Position
from panjereh.exchange.evidence.note import LOG, WITNESS, NoteSigner
from panjereh.exchange.evidence.queries import call_proof
from panjereh.exchange.evidence.stamps import Stamper, TrustedTime

DOCUMENT = Path(__file__).parents[2] / "docs" / "verify-a-call.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
ANSWER = '{"postal_code":"1458889694"}'
SAID = [  # what each block prints when all is well
    "PROVED: entry 300 of 700 in nix.example/log",
    "existed at",
    "Signature Verified Successfully",
    "the record is entry 300 of 700 in nix.example/log",
    "Verification: OK",
    "Signature Verified Successfully",
    "this was the answer",
    "sigstore agrees",
    "court.example/witness+",
]


@pytest.fixture
def files(tmp_path: Path, document_folder: Path) -> Path:
    """What a party downloads of its call, and the keys from elsewhere."""
    leaf = MAKER.of_record(record(300, response_digest=digest(ANSWER.encode())))
    log_of(tmp_path, 300).close()
    log = open_log(tmp_path)
    rest = [MAKER.of_record(record(n)) for n in range(301, 700)]
    log.append([leaf, *rest], Position("s", 700, "d"))
    witness = NoteSigner.new("court.example/w", WITNESS)
    log.attach(log.published, [witness.sign(log.published.note.text, 1_800_000_000)])
    trusted = TrustedTime.load(document_folder)
    stamper = Stamper(log.folder, SandboxAuthority(document_folder), trusted)
    assert asyncio.run(stamper.stamp(log.published))
    given = call_proof(log.folder, log.published, 300, leaf.entry)
    log.close()
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "call.record").write_bytes(given.record)
    (folder / "call.tlog-proof").write_text(str(given.proof))
    (folder / "call.tsr").write_bytes(given.stamp or b"")
    (folder / "answer.json").write_text(ANSWER)
    (folder / "log.vkey").write_text(f"{keys_in(tmp_path).signer.verifier}\n")
    (folder / "witness.vkey").write_text(f"{witness.verifier}\n")
    (folder / "tsa-root.pem").write_bytes((document_folder / "roots/sandbox.crt").read_bytes())
    (folder / "tsa-chain.pem").write_bytes((document_folder / "chain/sandbox.crt").read_bytes())
    return folder


def run(folder: Path, block: str) -> "subprocess.CompletedProcess[str]":
    programs = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    command = ["bash", "-euo", "pipefail", "-c", block]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.req("PRV-11", "NIX-39")
def test_every_command_of_the_document_says_what_it_should(files: Path) -> None:
    assert len(BLOCKS) == len(SAID)
    for block, said in zip(BLOCKS, SAID, strict=True):
        told = run(files, block)
        assert told.returncode == 0, told.stderr
        assert said in told.stdout + told.stderr


def alter_record(files: Path) -> None:
    path = files / "call.record"
    path.write_bytes(path.read_bytes().replace(b'"status":200', b'"status":403'))


def alter_root(files: Path) -> None:
    """Another root, of another tree, under the same signatures."""
    path = files / "call.tlog-proof"
    path.write_text(path.read_text().replace("\n700\n", "\n701\n"))


def other_key(files: Path) -> None:
    stranger = NoteSigner.new("nix.example/log", LOG).verifier
    (files / "log.vkey").write_text(f"{stranger}\n")


def other_witness(files: Path) -> None:
    stranger = NoteSigner.new("court.example/w", WITNESS).verifier
    (files / "witness.vkey").write_text(f"{stranger}\n")


def other_answer(files: Path) -> None:
    (files / "answer.json").write_text(ANSWER.replace("4", "5"))


@pytest.mark.req("PRV-11")
@pytest.mark.parametrize(
    ("spoil", "fails"),
    [
        (alter_record, {0, 1, 3, 7}),
        (alter_root, {0, 1, 2, 4, 5, 7}),
        (other_key, {0, 1, 2, 7}),
        (other_witness, {5}),
        (other_answer, {6}),
    ],
)
def test_the_commands_find_what_is_wrong(
    files: Path, spoil: Callable[[Path], None], fails: set[int]
) -> None:
    spoil(files)
    failed = {i for i, block in enumerate(BLOCKS[:8]) if run(files, block).returncode}
    assert failed == fails
