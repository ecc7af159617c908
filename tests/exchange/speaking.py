"""The gateway's HTTP on a real socket, in this process and with an answer of its own."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from panjereh.exchange.gateway.door import DOORS
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.messages import Answer, Request
from panjereh.exchange.gateway.wire import House, Wire

Respond = Callable[[Request], Awaitable[Answer]]


async def echo(request: Request) -> Answer:
    """Method, path and body as they were understood; a body that is none ends in its fault."""
    try:
        body = await request.body()
    except Fault as fault:
        return Answer(fault.status, [], b"")
    told = f"{request.method} {request.target} {len(body)}"
    return Answer(200, [("x-told", told)], body)


async def converse(house: House, parts: Sequence[bytes]) -> bytes:
    """Say the parts, then close that half; everything that was heard until the end."""
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: Wire(house, DOORS["gsb"]), theirs)
    reader, writer = await asyncio.open_connection(sock=ours)
    heard = asyncio.create_task(reader.read())
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        writer.write_eof()
    except OSError:
        pass  # it closed already
    try:
        return await asyncio.wait_for(heard, 5)
    finally:
        writer.close()


def say(*parts: bytes, respond: Respond = echo) -> bytes:
    return asyncio.run(converse(House(respond), parts))
