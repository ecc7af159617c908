"""Check the proof of a call, offline: no network, no database, none of the exchange's word.

    python -m panjereh.exchange.evidence.verify PROOF RECORD --key VKEY

PROOF is a `.tlog-proof`, RECORD the record as it was downloaded. PROOF may also be the one file
that holds both (`proof.json`); then RECORD is left out. A key is that of the log or of a witness.
"""

import argparse
import base64
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from panjereh.exchange.evidence.checkpoint import Checkpoint
from panjereh.exchange.evidence.merkle import ProofRefused, leaf_hash, root_of_inclusion
from panjereh.exchange.evidence.note import (
    LOG,
    Note,
    NoteRefused,
    Signed,
    VerifierKey,
    check_signatures,
)
from panjereh.exchange.evidence.proof import LogProof
from panjereh.exchange.evidence.timestamps import StampRefused, check_stamp


@dataclass(frozen=True)
class Verdict:
    """`valid`, or the reason why not. `witnesses` says who saw the same log, and when."""

    valid: bool
    reason: str = ""
    origin: str = ""
    index: int = 0
    size: int = 0
    witnesses: tuple[tuple[str, datetime], ...] = ()
    stamped_at: datetime | None = None
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stamped:
    """A time stamp's response and the certificates to believe it by."""

    response: bytes
    roots: Sequence[x509.Certificate]
    between: Sequence[x509.Certificate] = ()


def verify(
    proof_text: str, record_bytes: bytes, vkeys: Sequence[str], stamped: Stamped | None = None
) -> Verdict:
    """Whether the record, byte for byte, stands in the log that one of the keys signed."""
    try:
        keys = [VerifierKey.parse(text) for text in vkeys]
        proof = LogProof.parse(proof_text)
        note = Note.parse(proof.checkpoint)
        head = Checkpoint.parse(note.text)
        signers = _signers(note, head, keys)
        found = root_of_inclusion(leaf_hash(record_bytes), proof.index, head.size, proof.path)
        if found != head.root:
            raise ProofRefused("this record is not the one that the log holds at that place")
        stamped_at = _time(note, stamped)
        record = json.loads(record_bytes)
    except (NoteRefused, ProofRefused, StampRefused) as error:
        return Verdict(valid=False, reason=str(error))
    except ValueError:
        return Verdict(valid=False, reason="the record is not JSON")
    return Verdict(
        valid=True,
        origin=head.origin,
        index=proof.index,
        size=head.size,
        witnesses=_witnesses(signers),
        stamped_at=stamped_at,
        record=record,
    )


def _signers(note: Note, head: Checkpoint, keys: Sequence[VerifierKey]) -> list[Signed]:
    """A witness alone does not make a log: the log's own key has to be among those who signed."""
    signers = check_signatures(note, keys)
    if not any(s.key.kind == LOG and s.key.name == head.origin for s in signers):
        raise NoteRefused("the log itself has not signed with a key that is trusted here")
    return signers


def _witnesses(signers: Sequence[Signed]) -> tuple[tuple[str, datetime], ...]:
    stated = [(s.key.name, s.time) for s in signers if s.time is not None]
    return tuple((name, datetime.fromtimestamp(time, UTC)) for name, time in stated)


def _time(note: Note, stamped: Stamped | None) -> datetime | None:
    if stamped is None:
        return None
    return check_stamp(stamped.response, note.text, stamped.roots, stamped.between)


@dataclass(frozen=True)
class Evidence:
    """What was downloaded of one call."""

    proof: str
    record: bytes
    stamp: bytes | None = None

    @classmethod
    def load(cls, proof: Path, record: Path | None, stamp: Path | None) -> "Evidence":
        text = proof.read_text(encoding="utf-8")
        if record is None:
            return cls.of_bundle(text)
        return cls(text, record.read_bytes(), stamp.read_bytes() if stamp else None)

    @classmethod
    def of_bundle(cls, text: str) -> "Evidence":
        try:
            given = json.loads(text)
            stamp = given["time_stamp"]
            return cls(
                given["proof"], given["record"].encode(), base64.b64decode(stamp) if stamp else None
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProofRefused("a .tlog-proof needs its RECORD; this is no proof.json") from error


def told(verdict: Verdict) -> str:
    if not verdict.valid:
        return f"NOT PROVED: {verdict.reason}\n"
    record = verdict.record
    lines = [
        f"PROVED: entry {verdict.index} of {verdict.size} in {verdict.origin}",
        *(
            f"  witnessed by {name} at {time:%Y-%m-%d %H:%M:%S} UTC"
            for name, time in verdict.witnesses
        ),
    ]
    if verdict.stamped_at:
        lines.append(f"  existed at {verdict.stamped_at:%Y-%m-%d %H:%M:%S} UTC (RFC 3161)")
    lines += [f"  {name}: {_shown(name, record[name])}" for name in sorted(record)]
    return "\n".join(lines) + "\n"


def _shown(name: str, value: Any) -> str:
    """As JSON, because a record may hold what a terminal would obey; times for people as well."""
    text = json.dumps(value)
    if name.endswith("_at") and isinstance(value, int):
        text += f" ({datetime.fromtimestamp(value / 1e6, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m panjereh.exchange.evidence.verify")
    parser.add_argument("proof", type=Path)
    parser.add_argument("record", type=Path, nargs="?")
    parser.add_argument(
        "--key", action="append", required=True, help="vkey of the log or a witness"
    )
    parser.add_argument("--stamp", type=Path, help="the time stamp, a .tsr")
    parser.add_argument("--root", type=Path, help="PEM: whom to believe the time stamp by")
    given = parser.parse_args(arguments)
    try:
        evidence = Evidence.load(given.proof, given.record, given.stamp)
        stamped = _stamped(evidence, given.root)
    except (OSError, ValueError, ProofRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    verdict = verify(evidence.proof, evidence.record, given.key, stamped)
    sys.stdout.write(told(verdict))
    return 0 if verdict.valid else 1


def _stamped(evidence: Evidence, root: Path | None) -> Stamped | None:
    """Whoever names a root wants the time checked, so its absence must not pass in silence."""
    if root is None:
        return None
    if evidence.stamp is None:
        raise ValueError("there is no time stamp to check with that root")
    certificates = x509.load_pem_x509_certificates(root.read_bytes())
    roots = [c for c in certificates if c.subject == c.issuer]
    return Stamped(evidence.stamp, roots, [c for c in certificates if c not in roots])


if __name__ == "__main__":
    raise SystemExit(main())
