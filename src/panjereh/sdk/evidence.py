"""Prove one's own calls: their records and where these stand in the public log of the exchange.

proof = proof_of(call.request_id)
Path("proof.json").write_text(proof.bundle)     # for `panjereh exchange verify`
"""

import json
from datetime import datetime
from uuid import UUID

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "exchange-records"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """`time_stamp` is there a minute after the call at the latest (RFC 3161, base64)."""

    record: str
    proof: str
    time_stamp: str | None
    received_at: datetime

    @property
    def bundle(self) -> str:
        """All of it as the one file that is checked; nothing may reformat the record in it."""
        parts = {name: getattr(self, name) for name in ("record", "proof", "time_stamp")}
        return json.dumps(parts, ensure_ascii=False, indent=1) + "\n"


def proof_of(request_id: UUID | str) -> Proof:
    """`request_id` is the X-Road-Request-Id of a call that a system of one's own member made or
    answered. Rejected `call-unknown`; `not-in-the-log-yet` for some seconds after the call."""
    answer = call(SYSTEM, "proof", {"request_id": str(request_id)})
    return msgspec.convert(answer, Proof, strict=False)
