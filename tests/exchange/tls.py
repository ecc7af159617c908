"""Callers that are known by their channel: certificates of every sort, and mutual TLS with them."""

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from world import Answer, Caller, GatewayProcess, World

from panjereh.exchange import actions
from panjereh.exchange.models import Service
from panjereh.sandbox.channel_keys import Authority, read_authority

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def p256() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def ed() -> Key:
    return ed25519.Ed25519PrivateKey.generate()


def rsa2048() -> Key:
    return rsa.generate_private_key(65537, 2048)


def authority_of(world: World) -> Authority:
    found = read_authority(world.home / "keys" / "tls")
    assert found
    return found


def certified(world: World, caller: Caller, folder: Path, key: Key | None = None) -> "Channel":
    """The caller with a certificate whose key the exchange knows."""
    channel = Channel(caller, folder, authority_of(world), key or p256())
    accept(world, channel)
    return channel


def accept(world: World, channel: "Channel") -> None:
    actions.add_certificate(
        actor=world.operator,
        system=channel.caller.system,
        certificate=channel.certificate.public_bytes(Encoding.PEM),
    )


@dataclass
class Channel:
    caller: Caller
    folder: Path
    authority: Authority
    key: Key
    terms: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = self.caller.system.code
        self.certificate = self.authority.certificate_for(name, self.key.public_key(), **self.terms)
        octets = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.file = self.folder / f"{name}-{id(self)}.pem"
        self.file.write_bytes(octets + self.certificate.public_bytes(Encoding.PEM))

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        roots = self.authority.certificate.public_bytes(Encoding.PEM).decode()
        context.load_verify_locations(cadata=roots)
        context.load_cert_chain(self.file)
        return context

    @contextmanager
    def open(
        self, gateway: GatewayProcess, door: str = "gsb-tls", context: ssl.SSLContext | None = None
    ) -> Iterator[http.client.HTTPSConnection]:
        wire = http.client.HTTPSConnection(
            "localhost", gateway.door_port(door), timeout=15, context=context or self.context()
        )
        try:
            yield wire
        finally:
            wire.close()

    def call(
        self, gateway: GatewayProcess, service: Service, *, door: str = "gsb-tls", **headers: str
    ) -> Answer:
        gateway.catch_up()
        with self.open(gateway, door) as wire:
            return self.call_on(wire, service, **headers)

    def call_on(
        self, wire: http.client.HTTPSConnection, service: Service, **headers: str
    ) -> Answer:
        named = {"x-road-client": self.caller.x_road_id, "content-type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        wire.request("POST", f"/r1/{service.x_road_id}", json.dumps({}), named)
        got = wire.getresponse()
        return Answer(got.status, {n.lower(): v for n, v in got.getheaders()}, got.read())


def alert(gateway: GatewayProcess, context: ssl.SSLContext, door: str = "gsb-tls") -> str:
    """What TLS says to a caller that is not let in. In TLS 1.3 it is read after the handshake."""
    with socket.create_connection(("127.0.0.1", gateway.door_port(door)), timeout=15) as wire:
        try:
            with context.wrap_socket(wire, server_hostname="localhost") as channel:
                channel.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
                return channel.recv(100).decode()
        except OSError as error:
            return str(error)
