"""The proof of a call over the exchange itself, for a party's own software (NIX-39)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from panjereh.common.problems import Problem
from panjereh.exchange.evidence.config import config
from panjereh.exchange.evidence.parties import calls_of_system
from panjereh.exchange.evidence.queries import proof_of_call
from panjereh.exchange.models import CallRecord
from panjereh.exchange.usage.api import api as records  # one system, and its proofs
from panjereh.sdk.provider import ExchangeRequest

__all__ = ["records"]


class ProofIn(Schema):
    """`request_id` is the X-Road-Request-Id of the answer that is to be proved."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    request_id: UUID


class ProofOut(Schema):
    """What `panjereh exchange verify` takes as one file, and when the call was received."""

    record: Annotated[str, Field(description="the bytes in the log; never reformat them")]
    proof: str
    time_stamp: str | None
    received_at: datetime


@records.post("/proof", response=ProofOut, operation_id="proof")
def proof(request: ExchangeRequest, body: ProofIn) -> ProofOut:
    """The caller's own call, made or answered by any system of its member."""
    own = calls_of_system(request.exchange_call.consumer)
    call = CallRecord.objects.filter(own, request_id=body.request_id).first()
    if call is None:
        raise Problem(404, "call-unknown", "no call of yours has this id")
    found = proof_of_call(config().folder, body.request_id, call.received_at)
    if found is None:
        raise Problem(409, "not-in-the-log-yet", "ask again in a few seconds", retry_in=2)
    return ProofOut.model_validate({**found.parts, "received_at": call.received_at})
