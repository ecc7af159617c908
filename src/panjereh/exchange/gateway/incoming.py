"""A request while it comes in, before it is known whether it will ever be whole."""

import asyncio
from collections.abc import Callable
from functools import lru_cache

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.door import Door, Peer
from panjereh.exchange.gateway.messages import Request, header_map


@lru_cache(maxsize=1024)
def header_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


class Body:
    """A body as it comes in."""

    def __init__(self, wanted: Callable[[], None]) -> None:
        self.size = 0
        self.whole = self.cut = False
        self._parts: list[bytes] = []
        self._wanted = wanted
        self._arrived: asyncio.Event | None = None

    def add(self, part: bytes) -> None:
        self._parts.append(part)
        self.size += len(part)

    def wake(self) -> None:
        if self._arrived is not None:
            self._arrived.set()

    async def read(self, limit: int) -> bytes:
        while not self.whole and self.size <= limit:
            if self.cut:
                raise faults.bad_request("the body ended before its declared length")
            self._arrived = asyncio.Event()
            self._wanted()
            await self._arrived.wait()
        if self.size > limit:
            raise faults.body_too_large(limit)
        return b"".join(self._parts)


class Message:
    """A request as far as it came in."""

    def __init__(self, body: Body) -> None:
        self.url = b""
        self.method = ""
        self.pairs: list[tuple[str, str]] = []
        self.size = 0
        self.keep_alive = False
        self.old = False  # HTTP/1.0, which has to be told that a connection stays
        self.complete_head = False
        self.expects = self.offers = False
        self.begun = False
        self.body = body

    def request(self, door: Door, peer: Peer | None) -> Request:
        path, _, query = self.url.decode("latin-1").partition("?")
        headers, repeated = header_map(self.pairs)
        return Request(
            self.method, path, query, headers, self.body.read, repeated, door.bus, peer, door.tls
        )
