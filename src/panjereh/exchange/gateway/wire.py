"""HTTP/1.1 with a caller: llhttp reads, this file keeps the order and the limits.

Messages on a connection are answered one at a time, in their order. A call begins when its message
is complete, or when more of it came than is kept for somebody unknown; then the rest is read only
when it is asked for. What breaks HTTP is told so and the connection ends, because nobody can say
where the next message would begin.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, cast

import httptools

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.door import Door, Peer, peer_of
from panjereh.exchange.gateway.incoming import Body, Message, header_name
from panjereh.exchange.gateway.messages import Answer, Request

MAX_HEAD = 32 * 1024
MAX_FIELDS = 100
EARLY_BODY = 64 * 1024  # so much of a body is taken in before we know who sends it
MAX_DISCARDED = 2 * 1024 * 1024
HEAD_SECONDS = 10  # to send a head, and to send what was answered
BODY_SECONDS = 60
QUIET_SECONDS = 75
DISCARD_SECONDS = 2

_STATUS: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

Respond = Callable[[Request], Awaitable[Answer]]


@dataclass
class House:
    """What all connections share."""

    respond: Respond
    wires: "set[Wire]" = field(default_factory=set)
    max_wires: int = 4096
    stopping: bool = False

    def stop(self) -> None:
        """Answer what is under way and take in nothing more."""
        self.stopping = True
        for wire in list(self.wires):
            wire.close_when_idle()

    def sweep(self, now: float) -> None:
        """End connections that keep nothing but our memory; called each second."""
        for wire in list(self.wires):
            wire.end_if_overdue(now)


class Wire(asyncio.Protocol):
    def __init__(self, house: House, door: Door) -> None:
        self._house, self._door = house, door
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Message] = deque()
        self._message: Message | None = None
        self._fault: faults.Fault | None = None
        self._task: asyncio.Task[None] | None = None
        self._peer: Peer | None = None
        self._paused = self._ended = False
        self._discarded = -1  # bytes thrown away after a last answer
        self._drained: asyncio.Event | None = None
        self._since, self._limit = time.monotonic(), float(HEAD_SECONDS)

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._house.wires.add(self)
        if self._door.tls:
            certificate = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            self._peer = peer_of(certificate)
        if len(self._house.wires) > self._house.max_wires:
            self._break_off(faults.overloaded())

    def data_received(self, data: bytes) -> None:
        if self._discarded >= 0:
            self._discard(len(data))
            return
        if self._fault is not None:
            return
        if self._message is None and not self._waiting and self._task is None:
            self._await_for(HEAD_SECONDS)
        self._feed(data)
        if self._message is not None:
            self._take_in(self._message, len(data))

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offered:
            (end,) = offered.args
            self._pass_over_offer(data[end:])
        except httptools.HttpParserError:
            self._break_off(_not_http())

    def _pass_over_offer(self, rest: bytes) -> None:
        """Some clients offer HTTP/2 with each request, and RFC 9110 lets us pass over that. llhttp
        stops there with the body unread; so the same head is read again without the offer."""
        message, self._message = self._message, None
        if message is None or self._fault is not None:
            return
        kept = "".join(
            f"{name}: {value}\r\n"
            for name, value in message.pairs
            if name not in {"upgrade", "connection", "http2-settings"}
        )
        head = f"{message.method} {message.url.decode('latin-1')} HTTP/1.1\r\n{kept}\r\n"
        self._parser = httptools.HttpRequestParser(self)
        self._feed(head.encode("latin-1") + rest)

    def eof_received(self) -> bool:
        self._ended = True
        self._cut()
        return bool(self._task) and not self._door.tls  # TLS knows no half-open channels

    def connection_lost(self, exc: Exception | None) -> None:
        self._house.wires.discard(self)
        self._cut()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._drained = asyncio.Event()

    def resume_writing(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

    # llhttp's side

    def on_message_begin(self) -> None:
        if self._fault is None:
            self._message = Message(Body(self._want_body))

    def on_url(self, url: bytes) -> None:
        if self._message is not None:
            self._message.url += url
            self._message.size += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        message = self._message
        if message is not None:
            message.pairs.append((header_name(name), value.decode("latin-1")))
            message.size += len(name) + len(value)

    def on_headers_complete(self) -> None:
        message = self._message
        if message is None:
            return
        if not self._is_plain(message):
            self._break_off(_not_http())
            self._message = None
            return
        message.complete_head = True
        message.method = self._parser.get_method().decode()
        message.keep_alive = self._parser.should_keep_alive()
        message.offers = self._parser.should_upgrade()
        message.expects = ("expect", "100-continue") in message.pairs

    def _is_plain(self, message: Message) -> bool:
        """What llhttp lets pass and we do not: HTTP/0.9, tunnels, encodings besides chunks."""
        version = self._parser.get_http_version()
        message.old = version == "1.0"
        encodings = [value.lower() for name, value in message.pairs if name == "transfer-encoding"]
        return (
            version in {"1.0", "1.1"}
            and self._parser.get_method() != b"CONNECT"
            and encodings in ([], ["chunked"])
        )

    def on_body(self, body: bytes) -> None:
        if self._message is not None:
            self._message.body.add(body)

    def on_message_complete(self) -> None:
        if self._message is not None and self._message.offers:
            return
        message, self._message = self._message, None
        if message is not None:
            message.body.whole = True
            message.body.wake()
            self._begin(message)

    # between the two

    def _take_in(self, message: Message, arrived: int) -> None:
        """Of a message that is not complete yet."""
        if not message.complete_head:
            message.size += arrived
        if message.size > MAX_HEAD or len(message.pairs) > MAX_FIELDS:
            self._break_off(faults.bad_request("the head of the request is too large"))
            return
        if message.complete_head:
            if not message.begun:
                self._await_for(BODY_SECONDS)
            if message.expects or message.body.size > EARLY_BODY:
                self._begin(message)
            message.body.wake()
        self._pace()

    def _begin(self, message: Message) -> None:
        if message.begun:
            return
        message.begun = True
        if message.size > MAX_HEAD or len(message.pairs) > MAX_FIELDS:
            self._break_off(faults.bad_request("the head of the request is too large"))
            return
        self._waiting.append(message)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._answer_all())
        else:
            self._pace()

    async def _answer_all(self) -> None:
        while self._waiting:
            message = self._waiting.popleft()
            answer = await self._house.respond(message.request(self._door, self._peer))
            self._await_for(HEAD_SECONDS)
            last = self._is_last(message)
            self._write(answer, message, last=last)
            if self._drained is not None:
                await self._drained.wait()
            if last:
                self._waiting.clear()
                self._finish(message)
                break
        self._task = None
        if self._fault is not None:
            self._tell_fault(self._fault)
        elif not self._transport.is_closing():
            self._await_for(QUIET_SECONDS)
            self._pace()

    def _is_last(self, message: Message) -> bool:
        ended = self._ended and not self._waiting
        return ended or not message.keep_alive or not message.body.whole or self._house.stopping

    def _write(self, answer: Answer, message: Message, *, last: bool) -> None:
        if self._transport.is_closing():
            return
        head = [_STATUS[answer.status]]
        head += [f"{name}: {value}\r\n" for name, value in answer.headers]
        head.append(f"cache-control: no-store\r\ncontent-length: {len(answer.body)}\r\n")
        if last:
            head.append("connection: close\r\n")
        elif message.old:
            head.append("connection: keep-alive\r\n")
        head.append("\r\n")
        octets = "".join(head).encode("latin-1")
        self._transport.write(octets if message.method == "HEAD" else octets + answer.body)

    def _finish(self, message: Message) -> None:
        """End the connection; who still sends a body is heard out for a while, or the answer
        would be lost in the reset."""
        if message.body.whole or self._ended:
            self._transport.close()
        else:
            self._throw_away()

    def _break_off(self, fault: faults.Fault) -> None:
        if self._fault is not None:
            return
        self._fault = fault
        self._cut()
        if self._task is None:
            self._tell_fault(fault)

    def _tell_fault(self, fault: faults.Fault) -> None:
        if not self._transport.is_closing():
            content_type, body = fault.body("", "")
            headers = [("content-type", content_type), *fault.headers("")]
            self._write(Answer(fault.status, headers, body), Message(Body(_nothing)), last=True)
            self._throw_away()

    def _throw_away(self) -> None:
        self._discarded = 0
        self._await_for(DISCARD_SECONDS)
        self._resume_reading()

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > MAX_DISCARDED:
            self._transport.abort()

    def _cut(self) -> None:
        """No more of the message comes. Its call is made all the same, to be recorded."""
        message, self._message = self._message, None
        if message is not None and message.complete_head and not message.body.whole:
            message.body.cut = True
            message.body.wake()
            if self._fault is None:
                self._begin(message)

    def _want_body(self) -> None:
        if self._message is not None and self._message.expects:
            self._message.expects = False
            self._transport.write(_CONTINUE)
        self._await_for(BODY_SECONDS)
        self._resume_reading()

    def _pace(self) -> None:
        """Take in no more than is needed to answer in order."""
        message = self._message
        held = message is not None and message.begun and message.body.size > EARLY_BODY
        if (self._task is not None and self._waiting) or held:
            if not self._paused and not self._transport.is_closing():
                self._paused = True
                self._transport.pause_reading()
        else:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def _await_for(self, seconds: float) -> None:
        self._since, self._limit = time.monotonic(), seconds

    # the house's side

    def close_when_idle(self) -> None:
        if self._task is None:
            self._transport.close()

    def end_if_overdue(self, now: float) -> None:
        """A call that waits for its provider has a deadline of its own."""
        under_way = self._task is not None and self._message is None and self._drained is None
        if not under_way and now - self._since > self._limit:
            self._transport.abort()


def _not_http() -> faults.Fault:
    return faults.bad_request("the request is no HTTP/1.1 that can be trusted")


def _nothing() -> None:
    pass
