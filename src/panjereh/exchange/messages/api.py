"""What the gateways ask of the store of messages; nobody else can, for they alone have its key.

The caller was identified by the gateway, and `consumer` is who it is.
"""

import base64
import binascii
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Schema, Status
from pydantic import AfterValidator, AwareDatetime, ConfigDict, StringConstraints

from panjereh.common.http_signatures import content_digest
from panjereh.common.problems import Problem
from panjereh.exchange.messages import actions, queries
from panjereh.exchange.messages.models import LONGEST, Message
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "exchange-messages"
DAY = 86_400
SEAL_BYTES = 48  # what sealing adds to a message; shorter is no sealed message

api = provider_api(SYSTEM, title="Messages of the exchange, for its gateways")


def _sealed(text: str) -> str:
    try:
        octets = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(octets) <= SEAL_BYTES:
        raise ValueError("too short to be sealed")
    return text


class Strict(Schema):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Envelope(Strict):
    """All that a sender hands over. There is no room for readable content."""

    to_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    sealed: Annotated[str, AfterValidator(_sealed)]
    expires_in: Annotated[int, Field(ge=60, le=LONGEST.days * DAY)] = 7 * DAY


class Terms(Strict):
    """Of the grant under which the gateway let the message in."""

    receiver: str
    service: str
    grant: int
    purpose: str
    bus: str


class MessageOut(Schema):
    message_id: UUID
    x_road_id: str
    state: str
    accepted_at: AwareDatetime
    expires_at: AwareDatetime
    attempts: int
    trouble: str
    ended_at: AwareDatetime | None


class HandedOut(Schema):
    message_id: UUID
    x_road_id: str
    sender: str
    service: str
    issue: str
    to_key: str
    sealed: str
    accepted_at: AwareDatetime
    attempt: int


class NoticeOut(Schema):
    message_id: UUID
    x_road_id: str
    state: str
    trouble: str


class PullIn(Strict):
    limit: Annotated[int, Field(ge=1, le=actions.MOST_PULLED)] = 10


class PullOut(Schema):
    messages: list[HandedOut]


class NothingIn(Strict):
    pass


class NoticesOut(Schema):
    notices: list[NoticeOut]


class AcknowledgeIn(Strict):
    ids: Annotated[list[UUID], Field(max_length=1000)] = []
    notices: Annotated[list[UUID], Field(max_length=1000)] = []


class AcknowledgeOut(Schema):
    acknowledged: int
    notices: int


class StateIn(Strict):
    message_id: UUID | None = None
    x_road_id: Annotated[str, StringConstraints(max_length=64)] = ""


class KeysIn(Strict):
    system: Annotated[str, StringConstraints(max_length=120)]


class KeysOut(Schema):
    """`before`: no longer accepted, but by them what is still on its way may be signed."""

    system: str
    keys: list[str]
    before: list[str]


@api.post("/accept", response={202: MessageOut, 200: MessageOut})
def accept(request: ExchangeRequest, body: Envelope, terms: Query[Terms]) -> Status[MessageOut]:
    call = request.exchange_call
    if not call.x_road_id:
        raise Problem(400, "x-road-id-missing", "a message needs an X-Road-Id")
    try:
        message, fresh = actions.accept(
            actions.Sent(
                x_road_id=call.x_road_id,
                sender=call.consumer,
                receiver=terms.receiver,
                service=terms.service,
                issue=call.case,
                grant_id=terms.grant,
                purpose=terms.purpose,
                bus=terms.bus,
                digest=content_digest(request.body),
                to_key=body.to_key,
                sealed=base64.b64decode(body.sealed),
            ),
            lasts=timedelta(seconds=body.expires_in),
        )
    except actions.MessageDiffers as error:
        raise Problem(409, "message-differs") from error
    except actions.KeyUnknown as error:
        raise Problem(409, "key-unknown") from error
    return Status(202 if fresh else 200, _described(message))


@api.post("/pull", response=PullOut)
def pull(request: ExchangeRequest, body: PullIn) -> dict[str, Any]:
    system = request.exchange_call.consumer
    leased = actions.take_for_pull(system, limit=body.limit)
    return {"messages": [handed_out(message) for message in leased]}


@api.post("/notices", response=NoticesOut)
def notices(request: ExchangeRequest, body: NothingIn) -> dict[str, Any]:
    """Messages of the caller that did not arrive and that it has not taken note of."""
    told = queries.open_notices(request.exchange_call.consumer)[:100]
    return {"notices": [_noticed(notice.message) for notice in told]}


@api.post("/acknowledge", response=AcknowledgeOut)
def acknowledge(request: ExchangeRequest, body: AcknowledgeIn) -> dict[str, int]:
    system = request.exchange_call.consumer
    return {
        "acknowledged": actions.acknowledge(system, body.ids),
        "notices": actions.acknowledge_notices(system, body.notices),
    }


@api.post("/state", response=MessageOut)
def state(request: ExchangeRequest, body: StateIn) -> MessageOut:
    found = queries.own_message(
        request.exchange_call.consumer, message_id=body.message_id, x_road_id=body.x_road_id
    )
    if found is None:
        raise Problem(404, "unknown-message")
    return _described(found)


@api.post("/keys", response=KeysOut)
def keys(request: ExchangeRequest, body: KeysIn) -> dict[str, Any]:
    return {
        "system": body.system,
        "keys": queries.public_keys(body.system),
        "before": queries.keys_before(body.system),
    }


def handed_out(message: Message) -> HandedOut:
    """As it was before the lease, so this attempt is one more."""
    return HandedOut(
        message_id=message.pk,
        x_road_id=message.x_road_id,
        sender=message.sender,
        service=message.service,
        issue=message.issue,
        to_key=message.to_key,
        sealed=base64.b64encode(message.sealed).decode(),
        accepted_at=message.accepted_at,
        attempt=message.attempts + 1,
    )


def _described(message: Message) -> MessageOut:
    return MessageOut(
        message_id=message.pk,
        x_road_id=message.x_road_id,
        state=message.state,
        accepted_at=message.accepted_at,
        expires_at=message.expires_at,
        attempts=message.attempts,
        trouble=message.trouble,
        ended_at=message.ended_at,
    )


def _noticed(message: Message) -> NoticeOut:
    return NoticeOut(
        message_id=message.pk,
        x_road_id=message.x_road_id,
        state=message.state,
        trouble=message.trouble,
    )
