"""Messages beside calls: under a grant of form "message" a body is kept for its receiver instead of
being passed on. The store (`exchange.messages`) is a process of its own; here is how it is asked.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from panjereh.common.http_signatures import content_digest
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.messages import Answer
from panjereh.exchange.gateway.policy import Offer, Permission
from panjereh.exchange.gateway.provider import Providers, Reply
from panjereh.exchange.records import Record

log = logging.getLogger("panjereh.exchange.gateway")

FACE = "message"
STORE = "exchange-messages"  # under this name store and gateways share a key
STORE_SECONDS = 5.0

_REFUSALS: dict[str, Callable[[], faults.Fault]] = {
    "message-differs": faults.message_differs,
    "unknown-message": faults.unknown_message,
    "key-unknown": faults.key_unknown,
    "x-road-id-missing": faults.message_without_id,
}


@dataclass(frozen=True)
class Mailbox:
    url: str
    providers: Providers

    async def accept(
        self, offer: Offer, permission: Permission, body: bytes, record: Record
    ) -> Answer:
        """Hand the message to its store: 202 when it is kept, 200 when it was kept before."""
        terms = {
            "receiver": offer.provider,
            "service": offer.code,
            "grant": permission.grant_id,
            "purpose": permission.purpose,
            "bus": record.bus,
        }
        reply = await self.ask(f"/accept?{urlencode(terms)}", record, body)
        record.status = reply.status
        record.response_size, record.response_digest = len(reply.body), content_digest(reply.body)
        return answer(reply, record)

    async def ask(self, target: str, record: Record, body: bytes) -> Reply:
        """The store's answer to who is named in the record. Its refusals become faults."""
        headers = _headers(record, body)
        try:
            reply = await self.providers.call(self._offer(), "POST", target, headers, body)
        except faults.Fault as fault:
            log.warning("exchange.messages.store-away error=%s", fault.type)
            raise faults.messages_unavailable() from fault
        if reply.status >= 400:
            raise _refusal(reply)
        return reply

    def _offer(self) -> Offer:
        return Offer(
            x_road_id=STORE,
            provider=STORE,
            code="",
            base_url=self.url,
            base_path=urlsplit(self.url).path,
            endpoints=[],
            deadline_seconds=STORE_SECONDS,
            enabled=True,
            notice="",
            key_name=STORE,
        )


def answer(reply: Reply, record: Record) -> Answer:
    headers = [
        ("x-road-id", record.x_road_id or record.request_id),
        ("x-road-client", record.consumer),
        ("x-road-request-id", record.request_id),
        ("content-digest", content_digest(reply.body)),
        ("content-type", "application/json"),
    ]
    return Answer(reply.status, headers, reply.body)


def _headers(record: Record, body: bytes) -> dict[str, str]:
    named = {"x-road-id": record.x_road_id, "x-road-issue": record.issue}
    return {
        "x-road-client": record.consumer,
        **{name: value for name, value in named.items() if value},
        "x-road-request-id": record.request_id,
        "content-type": "application/json",
        "content-digest": content_digest(body),
        "accept": "application/json",
    }


def _refusal(reply: Reply) -> faults.Fault:
    """By the store's own code; what it finds wrong with an envelope it says in `detail`."""
    try:
        told: dict[str, Any] = msgspec.json.decode(reply.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        told = {}
    if (code := told.get("code")) in _REFUSALS:
        return _REFUSALS[code]()
    if code == "body-invalid":
        text = faults.gettext_noop("the envelope of the message is not as agreed: %(fields)s")
        return faults.bad_request(text, fields=told.get("detail", ""))
    log.warning("exchange.messages.store-failed status=%s", reply.status)
    return faults.messages_unavailable()
