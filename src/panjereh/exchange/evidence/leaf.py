"""What the log keeps of a call: its record as RFC 8785 JSON with a nonce, and no content
(001 art 32(3)).

Hashes of leaves are public, and a digest of a short answer can be guessed; nobody guesses the
nonce. It is made of the record and a secret, so the same record gives the same leaf again after a
crash, and when the log is built anew from the books.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from panjereh.exchange.evidence.tiles import MAX_ENTRY
from panjereh.exchange.records import Record, decode_batch

VERSION = 1
NONCE_BYTES = 16
# Members are ASCII and numbers are whole and below 2^53; for those msgspec writes RFC 8785.
_canonical = msgspec.json.Encoder(order="sorted").encode
_record_of = msgspec.json.Decoder(Record).decode
_facts_of = msgspec.json.Decoder(dict[str, Any]).decode


class Leaf(NamedTuple):
    entry: bytes
    received_at: int  # microseconds; that of its message for what is no record


@dataclass(frozen=True)
class Arrived:
    """A message of the stream: its number, when the stream took it in (microseconds), its bytes."""

    sequence: int
    stored_at: int
    data: bytes


@dataclass(frozen=True)
class LeafMaker:
    nonce_key: bytes

    def leaves(self, message: Arrived) -> Iterator[Leaf]:
        """One per record. What cannot be read is in the log too, as the digest of its message."""
        try:
            records = decode_batch(message.data)
        except msgspec.MsgspecError:
            yield self._unreadable(message)
            return
        for record in records:
            leaf = self.of_record(record)
            yield leaf if len(leaf.entry) <= MAX_ENTRY else self._unreadable(message)

    def of_record(self, record: Record) -> Leaf:
        return Leaf(self._entry(msgspec.to_builtins(record)), record.received_at)

    def of_gap(self, first: int, message: Arrived) -> Leaf:
        """Messages that left the stream before the log had read them; this tells it for ever."""
        facts = {"notice": "gap", "first": first, "last": message.sequence - 1}
        return self._notice(facts, message)

    def _unreadable(self, message: Arrived) -> Leaf:
        digest = hashlib.sha256(message.data).hexdigest()
        facts = {"notice": "unreadable", "sequence": message.sequence, "sha256": digest}
        return self._notice(facts, message)

    def _notice(self, facts: dict[str, Any], message: Arrived) -> Leaf:
        return Leaf(self._entry(facts | {"at": message.stored_at}), message.stored_at)

    def _entry(self, facts: dict[str, Any]) -> bytes:
        facts["v"] = VERSION
        nonce = hmac.digest(self.nonce_key, _canonical(facts), "sha256")
        facts["nonce"] = nonce[:NONCE_BYTES].hex()
        return _canonical(facts)


def record_of(entry: bytes) -> Record | None:
    """The record in a leaf; None for a notice."""
    try:
        return _record_of(entry)
    except msgspec.MsgspecError:
        return None


def received_at(entry: bytes) -> int:
    facts = _facts_of(entry)
    return int(facts.get("received_at") or facts["at"])
