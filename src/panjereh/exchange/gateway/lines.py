"""Kept HTTP/1.1 connections to providers: llhttp reads, this file keeps the order and the limits.

A line carries one call at a time. It is used again only after an answer whose end was certain, and
closed when anything comes that was not asked for. Redirects are told, not followed; bodies are
never unpacked; a request that was sent once is never sent again by itself, for it may have changed
something.
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast
from urllib.parse import urlsplit

import httptools

from panjereh.exchange.gateway.incoming import header_name

MAX_HEAD: Final = 64 * 1024
MAX_ANSWER: Final = 16 * 1024 * 1024
CONNECT_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 15.0  # less than providers keep a quiet line, so none closes under a call


class LineFailed(Exception):
    """No answer came that could be used. `kind` is one of ours, see `provider`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Origin:
    """Where a provider answers."""

    host: str
    port: int
    tls: bool
    authority: str  # as the Host header says it


@dataclass(slots=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes


@lru_cache(maxsize=4096)
def origin_of(url: str) -> Origin:
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    return Origin(parts.hostname or "", port, tls, parts.netloc.rpartition("@")[2])


class Lines:
    """All lines of a gateway, kept by origin; the one used last is used first."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context = context
        self._idle: dict[Origin, list[Line]] = {}

    async def ask(
        self, origin: Origin, request: bytes, *, headless: bool, seconds: float
    ) -> Answered:
        """`headless`: the answer has no body whatever it says (HEAD). Raises `LineFailed`."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        line = self._take(origin, loop.time()) or await self._connect(origin, deadline)
        answered = await line.ask(request, headless=headless, deadline=deadline)
        if line.reusable:
            line.idle_since = loop.time()
            self._idle.setdefault(origin, []).append(line)
        else:
            line.close()
        return answered

    def close(self) -> None:
        for lines in self._idle.values():
            for line in lines:
                line.close()
        self._idle.clear()

    def _take(self, origin: Origin, now: float) -> "Line | None":
        idle = self._idle.get(origin)
        while idle:
            line = idle.pop()
            if line.reusable and now - line.idle_since < IDLE_SECONDS:
                return line
            line.close()
            for older in idle:  # those below were used even earlier
                if now - older.idle_since >= IDLE_SECONDS:
                    older.close()
        return None

    async def _connect(self, origin: Origin, deadline: float) -> "Line":
        loop = asyncio.get_running_loop()
        context = self._tls() if origin.tls else None
        patience = min(CONNECT_SECONDS, deadline - loop.time())
        try:
            async with asyncio.timeout(patience):
                _, line = await loop.create_connection(Line, origin.host, origin.port, ssl=context)
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            raise LineFailed("network_error") from error
        return line

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context


class Line(asyncio.Protocol):
    def __init__(self) -> None:
        self.idle_since = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._asked: asyncio.Future[Answered] | None = None
        self._headless = self._broken = False
        self._begin()

    @property
    def reusable(self) -> bool:
        return not self._broken and not self._transport.is_closing()

    def close(self) -> None:
        self._broken = True
        self._transport.abort()

    async def ask(self, request: bytes, *, headless: bool, deadline: float) -> Answered:
        """Whatever ends this early ends the line, too: its answer may still come."""
        loop = asyncio.get_running_loop()
        self._asked, self._headless = loop.create_future(), headless
        timer = loop.call_at(deadline, self._fail, "timeout")
        self._transport.write(request)
        try:
            return await self._asked
        finally:
            timer.cancel()
            if not self._asked.done() or self._asked.cancelled():
                self.close()
            self._asked = None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._asked is None or self._broken:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("invalid_http")
        if not self._complete_head:
            self._size += len(data)
            if self._size > MAX_HEAD:
                self._fail("invalid_http")

    def eof_received(self) -> None:
        if self._complete_head and self._ends_with_connection:
            self._broken = True
            self._deliver()
        self._fail("invalid_http")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("invalid_http")

    # llhttp's side

    def on_message_begin(self) -> None:
        if self._asked is None or self._asked.done():
            self._broken = True  # an answer that nobody asked for
        self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[header_name(name)] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._complete_head = self._status >= 200
        self._size = 0
        if not self._complete_head:  # 100 Continue and its kin precede the answer
            return
        declared = self._headers.get("content-length")
        if declared is not None and declared.isdecimal() and int(declared) > MAX_ANSWER:
            self._fail("answer_too_large")
        if self._headless:  # llhttp would wait for the body of which the head speaks
            self._broken = True
            self._deliver()
        self._ends_with_connection = declared is None and "transfer-encoding" not in self._headers

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)
        self._size += len(body)
        if self._size > MAX_ANSWER:
            self._fail("answer_too_large")

    def on_message_complete(self) -> None:
        if not self._complete_head:
            return
        if not self._parser.should_keep_alive():
            self._broken = True
        self._deliver()

    # between the two

    def _begin(self) -> None:
        self._status = 0
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._size = 0
        self._complete_head = self._ends_with_connection = False

    def _deliver(self) -> None:
        if self._asked is not None and not self._asked.done():
            body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
            self._asked.set_result(Answered(self._status, self._headers, body))

    def _fail(self, kind: str) -> None:
        self._broken = True
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(LineFailed(kind))
        self._transport.abort()
