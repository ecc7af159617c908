"""Between the web server and the gateway: the only file that knows how the server speaks.

ASGI, not granian's own RSGI: it hands over the path as it was sent, and what is signed, matched and
forwarded must be that path. It costs 3 microseconds more per call.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from panjereh.exchange.gateway import faults, plain
from panjereh.exchange.gateway.attest import KEYS_PATH
from panjereh.exchange.gateway.calls import Calls
from panjereh.exchange.gateway.health import Health
from panjereh.exchange.gateway.messages import (
    Answer,
    ReadBody,
    Request,
    header_map,
)
from panjereh.exchange.gateway.metadata import Metadata, is_metadata

log = logging.getLogger("panjereh.exchange.gateway")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Gateway:
    def __init__(self, calls: Calls, metadata: Metadata, health: Health) -> None:
        self._calls, self._metadata, self._health = calls, metadata, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(read_request(scope, receive))
        headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
        headers.append((b"cache-control", b"no-store"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: Request) -> Answer:
        if request.path == "/health":
            return self._health.answer()
        if request.path == KEYS_PATH:
            return self._calls.notary.keys_answer()
        try:
            if not self._health.opened:
                raise faults.not_ready()
            if is_metadata(request.path):
                return await self._metadata.answer(request)
        except faults.Fault as fault:
            return self._refusal(fault, request)
        return await self._calls.answer(request)

    def _refusal(self, fault: faults.Fault, request: Request) -> Answer:
        """A refusal outside a call has no record, so it has no request id either."""
        answer = plain.refusal(fault, "", request)
        answer.headers.extend(self._calls.quotas.headers(None))
        return answer


def read_request(scope: Scope, receive: Receive) -> Request:
    headers, repeated = header_map(
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    )
    return Request(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        repeated=repeated,
        read_body=body_reader(receive),
    )


def body_reader(receive: Receive) -> ReadBody:
    async def read(limit: int) -> bytes:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise faults.bad_request("the body ended before its declared length")
            parts.append(message["body"])
            size += len(message["body"])
            if size > limit:
                raise faults.body_too_large(limit)
            if not message.get("more_body"):
                return b"".join(parts)

    return read
