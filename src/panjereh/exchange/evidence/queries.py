"""What the pages hand out: the proof of one call, with its time stamp if it has one already."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from panjereh.exchange.evidence.books import microseconds, withheld_or_first
from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.leaf import record_of
from panjereh.exchange.evidence.proof import LogProof
from panjereh.exchange.evidence.stamps import first_stamp_over
from panjereh.exchange.evidence.stored import Published, StoredTree, find, published


@dataclass(frozen=True)
class CallProof:
    record: bytes
    proof: LogProof
    stamp: bytes | None

    @property
    def parts(self) -> dict[str, str | None]:
        return {
            "record": self.record.decode(),
            "proof": str(self.proof),
            "time_stamp": base64.b64encode(self.stamp).decode() if self.stamp else None,
        }

    @property
    def bundle(self) -> str:
        """All of it in one file, for `panjereh exchange verify`."""
        return json.dumps(self.parts, ensure_ascii=False, indent=1) + "\n"


def proof_of_call(folder: Folder, request_id: UUID, received_at: datetime) -> CallProof | None:
    """None while the log has not published the record, and after it was pruned."""
    newest = published(folder)
    if newest is None:
        return None
    tree = StoredTree(folder, newest.head.size)
    marks = f'"request_id":"{request_id}"'.encode()
    entries = {i: tree.entry(i) for i in find(tree, marks, microseconds(received_at))}
    records = {i: record for i, entry in entries.items() if (record := record_of(entry))}
    if not records:
        return None
    index = withheld_or_first(records)
    return call_proof(folder, newest, index, entries[index])


def call_proof(folder: Folder, newest: Published, index: int, entry: bytes) -> CallProof:
    """By the earliest stamped checkpoint over the entry; while there is none, by the newest."""
    stamp = first_stamp_over(folder, index)
    note = stamp.note if stamp else str(newest.note)
    tree = StoredTree(folder, Published.parse(note).head.size)
    proof = LogProof(index, tree.inclusion(index), note)
    return CallProof(entry, proof, stamp.response if stamp else None)
