"""Bring messages to receivers that have an address: signed like calls, asked for before they are
sent a second time."""

import base64
import logging
from urllib.parse import urlsplit

import msgspec

from panjereh.common.http_signatures import content_digest
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.policy import Offer
from panjereh.exchange.gateway.provider import Providers, Reply
from panjereh.exchange.messages.models import Message

log = logging.getLogger("panjereh.exchange.messages")

RECEIVER_SECONDS = 10.0  # a lease is three times as long
_UNKNOWN = frozenset({404, 405, 501})
# What the receiver will never take, however often it is brought: a body that it cannot open or
# read. Everything else may pass: a wrong address, a missing key, a closed shop.
_NEVER = frozenset({400, 410, 413, 415, 422})

TAKEN, NOT_TAKEN, UNSURE, NEVER = "taken", "not-taken", "unsure", "never"


class Outcome(msgspec.Struct, frozen=True):
    kind: str
    trouble: str = ""


async def bring(providers: Providers, message: Message, address: str) -> Outcome:
    """One attempt. Where the one before may have succeeded, the receiver is asked first."""
    offer = _offer(message, address)
    try:
        if message.unsure_since is not None and (known := await _known(providers, offer, message)):
            return known
        reply = await _post(providers, offer, message)
    except Fault as fault:
        return _failed(fault)
    return _answered(reply)


async def _known(providers: Providers, offer: Offer, message: Message) -> Outcome | None:
    """None when the receiver says that it does not have the message, or knows no such question. An
    answer that says neither leaves it as unsure as it was."""
    headers = _headers(message, b"")
    target = f"/{message.service}/{message.pk}"
    reply = await providers.call(offer, "GET", target, headers, b"")
    if reply.status in _UNKNOWN:
        return None
    taken = reply.status == 200
    return Outcome(TAKEN) if taken else Outcome(UNSURE, f"status-{reply.status}")


async def _post(providers: Providers, offer: Offer, message: Message) -> Reply:
    body = msgspec.json.encode(
        {
            "message_id": str(message.pk),
            "to_key": message.to_key,
            "sealed": base64.b64encode(message.sealed).decode(),
        }
    )
    headers = _headers(message, body)
    return await providers.call(offer, "POST", f"/{message.service}", headers, body)


def _headers(message: Message, body: bytes) -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "x-road-client": message.sender,
        "x-road-id": message.x_road_id,
        "x-road-request-id": str(message.pk),
        "accept": "application/json",
        "content-digest": content_digest(body),
        "x-exchange-time-left-ms": str(int(RECEIVER_SECONDS * 1000)),
    }
    return headers | ({"x-road-issue": message.issue} if message.issue else {})


def _offer(message: Message, address: str) -> Offer:
    return Offer(
        x_road_id=f"{message.receiver}/{message.service}",
        provider=message.receiver,
        code=message.service,
        base_url=address,
        base_path=urlsplit(address).path,
        endpoints=[],
        deadline_seconds=RECEIVER_SECONDS,
        enabled=True,
        notice="",
        key_name=message.receiver.rpartition("/")[2],
    )


def _failed(fault: Fault) -> Outcome:
    """Nobody there, no key: it was not sent. Anything later: it may have been taken."""
    kind = fault.type.rpartition(".")[2]
    sent = kind not in {"network_error", "no_key"}
    return Outcome(UNSURE if sent else NOT_TAKEN, kind)


def _answered(reply: Reply) -> Outcome:
    if 200 <= reply.status < 300:
        return Outcome(TAKEN)
    kind = NEVER if reply.status in _NEVER else NOT_TAKEN
    return Outcome(kind, f"status-{reply.status}")
