"""The doors of a gateway, open: who comes in by them speaks HTTP/1.1 (`wire`)."""

import asyncio
import logging
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from panjereh.exchange.gateway.channels import ServerIdentity
from panjereh.exchange.gateway.door import DOORS
from panjereh.exchange.gateway.wire import House, Wire

log = logging.getLogger("panjereh.exchange.gateway")

BACKLOG = 1024
HANDSHAKE_SECONDS = 10.0
SWEEP_SECONDS = 1.0
FAREWELL_SECONDS = 15.0  # for calls under way when the gateway is told to stop


@dataclass(frozen=True)
class Address:
    host: str
    port: int


class Listeners:
    def __init__(
        self, house: House, addresses: Mapping[str, Address], identity: ServerIdentity | None
    ) -> None:
        """`addresses` by the name of the door. Without `identity` those of TLS stay shut."""
        self._house, self._addresses, self._identity = house, addresses, identity
        self._servers: list[asyncio.AbstractServer] = []
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def serve(self, *, shared: bool) -> None:
        """Until `stop`; calls that are under way are answered first. `shared`: other processes
        listen at the same ports, and the kernel spreads connections among them."""
        for name, address in self._addresses.items():
            await self._open(name, address, shared)
        sweeping = asyncio.create_task(self._sweep())
        await self._stopped.wait()
        for server in self._servers:
            server.close()
        self._house.stop()
        await self._farewell()
        sweeping.cancel()

    async def _open(self, name: str, address: Address, shared: bool) -> None:
        door = DOORS[name]
        context = self._identity.context if door.tls and self._identity else None
        if door.tls and context is None:
            log.warning("exchange.door.shut door=%s reason=no-certificate", name)
            return
        server = await asyncio.get_running_loop().create_server(
            lambda: Wire(self._house, door),
            sock=_bind(address, shared),
            backlog=BACKLOG,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if context else None,
        )
        self._servers.append(server)
        log.info("exchange.door.open door=%s port=%s", name, address.port)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._house.sweep(time.monotonic())
            if self._identity is not None:
                self._identity.renew()

    async def _farewell(self) -> None:
        until = asyncio.get_running_loop().time() + FAREWELL_SECONDS
        while self._house.wires and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.05)


def _bind(address: Address, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    wire = socket.socket(family, socket.SOCK_STREAM)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    wire.bind((address.host, address.port))
    wire.setblocking(False)
    return wire
