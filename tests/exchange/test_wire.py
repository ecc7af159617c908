"""HTTP as the gateway reads it: what could be read in two ways is read in none, and limits hold."""

import re
import socket
import time
from typing import Any

import pytest
from collecting import Collected
from provider import Provider, hangs
from world import Caller, GatewayProcess, World

from panjereh.exchange.gateway.messages import MAX_BODY
from panjereh.exchange.gateway.wire import EARLY_BODY, MAX_FIELDS, MAX_HEAD
from panjereh.exchange.models import Service

BAD_REQUEST = b"x-road-error: client.bad_request"


@pytest.fixture
def pair(world: World, gateway: GatewayProcess, provider: Provider) -> tuple[Caller, Service]:
    caller, service = world.allowed()
    gateway.catch_up()
    provider.behave()
    return caller, service


def good(caller: Caller, service: Service, body: bytes = b"{}", **headers: Any) -> bytes:
    """A signed request in octets."""
    target = f"/r1/{service.x_road_id}"
    named = caller.signed("POST", target, body, host="x", content_length=str(len(body)), **headers)
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {target} HTTP/1.1\r\n{lines}\r\n".encode() + body


def say(gateway: GatewayProcess, *parts: bytes, end: bool = False) -> bytes:
    """Everything that is answered until the gateway closes, or says nothing more for a while."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as wire:
        for part in parts:
            wire.sendall(part)
            time.sleep(0.02 if len(parts) > 1 else 0)
        if end:
            wire.shutdown(socket.SHUT_WR)
        return hear(wire)


def hear(wire: socket.socket) -> bytes:
    heard = b""
    try:
        while more := wire.recv(65536):
            heard += more
            wire.settimeout(0.3)
    except TimeoutError:
        pass
    return heard


def answers(heard: bytes) -> int:
    return len(re.findall(rb"HTTP/1\.1 \d{3} ", heard))


FRAMINGS = {
    "length and chunks": ("Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    "chunks and length": ("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\n"),
    "two lengths": ("Content-Length: 0\r\nContent-Length: 44", ""),
    "one length twice": ("Content-Length: 0\r\nContent-Length: 0", ""),
    "a list of lengths": ("Content-Length: 0, 0", ""),
    "a signed length": ("Content-Length: +0", ""),
    "a negative length": ("Content-Length: -1", ""),
    "a hexadecimal length": ("Content-Length: 0x0", ""),
    "a length beyond numbers": ("Content-Length: 99999999999999999999999", ""),
    "a space before the colon": ("Content-Length : 0", ""),
    "a folded header": ("X-A: b\r\n Content-Length: 44\r\nContent-Length: 0", ""),
    "a folded encoding": ("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"),
    "an unknown encoding": ("Transfer-Encoding: xchunked", "0\r\n\r\n"),
    "an encoding after chunks": ("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
    "an encoding twice": ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    "a vertical tab": ("Transfer-Encoding: \x0bchunked", "0\r\n\r\n"),
    "a bare line feed": ("X-A: b\nContent-Length: 0", ""),
    "a bare carriage return": ("X-A: b\rContent-Length: 0", ""),
    "a zero octet": ("X-A: b\0\r\nContent-Length: 0", ""),
    "a header without a name": (": x\r\nContent-Length: 0", ""),
    "a header without a colon": ("X-A\r\nContent-Length: 0", ""),
    "a chunk of no number": ("Transfer-Encoding: chunked", "zz\r\n\r\n"),
    "a chunk beyond numbers": ("Transfer-Encoding: chunked", "fffffffffffffffff\r\n\r\n"),
    "a chunk longer than told": ("Transfer-Encoding: chunked", "1\r\nab\r\n0\r\n\r\n"),
    "a negative chunk": ("Transfer-Encoding: chunked", "-1\r\n\r\n"),
}


@pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
def test_nothing_is_smuggled_behind_a_message_of_two_readings(
    pair: tuple[Caller, Service],
    gateway: GatewayProcess,
    provider: Provider,
    framing: tuple[str, str],
) -> None:
    caller, service = pair
    head, body = framing
    outer = f"POST /r1/{service.x_road_id} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{body}".encode()

    heard = say(gateway, outer + good(caller, service))

    assert heard.startswith(b"HTTP/1.1 400 ") and BAD_REQUEST in heard
    assert b"connection: close" in heard
    assert answers(heard) == 1
    assert provider.asked == []


@pytest.mark.parametrize(
    "octets",
    [
        b"GET /health\r\n\r\n",
        b"GET /health HTTP/1.1\nHost: x\n\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"get /health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET\t/health\tHTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1 \r\nHost: x\r\n\r\n",
        b"GET /he\x00alth HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/3.7\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_1_1_is_told_so_and_the_connection_ends(
    gateway: GatewayProcess, octets: bytes
) -> None:
    heard = say(gateway, octets)

    assert heard.startswith(b"HTTP/1.1 400 ") and BAD_REQUEST in heard
    assert answers(heard) == 1


def test_messages_on_one_connection_are_answered_in_their_order(
    pair: tuple[Caller, Service], gateway: GatewayProcess, collected: Collected
) -> None:
    caller, service = pair
    octets = b"".join(good(caller, service, x_road_id=f"n{number}") for number in range(20))

    heard = say(gateway, octets)

    assert heard.count(b"HTTP/1.1 200 OK") == 20
    told = [line for line in heard.split(b"\r\n") if line.startswith(b"x-road-id: ")]
    assert told == [b"x-road-id: n%d" % number for number in range(20)]
    assert len(collected.of(caller)) == 20


def test_a_message_may_come_octet_by_octet(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    octets = good(caller, service)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as wire:
        for number in range(len(octets)):
            wire.sendall(octets[number : number + 1])
        heard = hear(wire)

    assert heard.startswith(b"HTTP/1.1 200 OK")


def test_what_comes_behind_a_broken_message_is_not_answered(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = pair

    heard = say(gateway, good(caller, service), b"nonsense\r\n\r\n" + good(caller, service))

    assert [heard.count(b"HTTP/1.1 " + status) for status in (b"200", b"400")] == [1, 1]
    assert len(provider.asked) == 1


def test_a_caller_may_close_its_half_and_still_hear_the_answer(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = pair
    normal = provider.reply

    def slowly(wire: Any) -> None:
        hangs(0.2)(wire)
        normal(wire)

    provider.behave(slowly)

    assert say(gateway, good(caller, service), end=True).startswith(b"HTTP/1.1 200 OK")


def test_connections_of_http_1_0_and_those_told_to_close_end(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    old = b"GET /health HTTP/1.0\r\n\r\n"
    kept = b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    told = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    assert [answers(say(gateway, octets * 2)) for octets in (old, kept, told)] == [1, 2, 1]
    assert b"connection: keep-alive" in say(gateway, kept)


def test_an_offer_of_another_protocol_is_passed_over(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    offer = {"upgrade": "h2c", "connection": "Upgrade, HTTP2-Settings"}
    octets = good(caller, service, **offer) + good(caller, service)
    empty = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

    assert say(gateway, octets).count(b"HTTP/1.1 200 OK") == 2
    assert say(gateway, empty * 3).count(b"HTTP/1.1 200 OK") == 3


def test_a_head_request_is_answered_without_a_body(gateway: GatewayProcess) -> None:
    heard = say(gateway, b"HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK") and body == b""
    assert int(head.rpartition(b"content-length: ")[2].split(b"\r\n")[0]) > 0


@pytest.mark.parametrize(
    "lines",
    [
        b"".join(b"x-%d: y\r\n" % number for number in range(MAX_FIELDS + 1)),
        b"x-a: " + b"b" * MAX_HEAD + b"\r\n",
        b"x-a: " + b"b" * (8 * MAX_HEAD),  # and no end of it
    ],
    ids=["too many headers", "too long a header", "a header without end"],
)
def test_a_head_has_its_limits(gateway: GatewayProcess, lines: bytes) -> None:
    heard = say(gateway, b"GET /health HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")

    assert heard.startswith(b"HTTP/1.1 400 ") and b"too large" in heard


def test_who_is_unknown_is_refused_before_the_body_is_read(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    _, service = pair
    size = MAX_BODY - 1
    head = f"POST /r1/{service.x_road_id} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"

    heard = say(gateway, head.encode() + b"x" * (EARLY_BODY + 1))

    assert heard.startswith(b"HTTP/1.1 400 ") and BAD_REQUEST in heard
    assert b"connection: close" in heard


def test_who_asks_before_it_sends_a_body_is_told_to_go_on_when_it_is_known(
    pair: tuple[Caller, Service], gateway: GatewayProcess
) -> None:
    caller, service = pair
    asking = good(caller, service, expect="100-continue")
    head, _, body = asking.partition(b"\r\n\r\n")
    stranger = head.replace(caller.x_road_id.encode(), b"IR-TEST/GOV/1/nobody")
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as wire:
        wire.sendall(head + b"\r\n\r\n")
        told = wire.recv(1000)
        wire.sendall(body)
        heard = hear(wire)

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert b"100 Continue" not in say(gateway, stranger + b"\r\n\r\n")


def test_a_large_body_is_taken_in_while_others_are_served(
    pair: tuple[Caller, Service], gateway: GatewayProcess, provider: Provider
) -> None:
    caller, service = pair
    body = b'{"x": "%s"}' % (b"a" * (MAX_BODY - 10))
    octets = good(caller, service, body)
    half = len(octets) // 2
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as wire:
        wire.sendall(octets[:half])
        assert gateway.call_at_once(caller, service).status == 200
        wire.sendall(octets[half:])
        heard = hear(wire)

    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert provider.asked[-1].body == body


def test_a_caller_that_goes_away_leaves_its_record(
    pair: tuple[Caller, Service],
    gateway: GatewayProcess,
    provider: Provider,
    collected: Collected,
) -> None:
    caller, service = pair
    gateway.send_raw_and_leave(good(caller, service))

    deadline = time.monotonic() + 5
    while not collected.of(caller):
        assert time.monotonic() < deadline
    assert collected.one(caller).status == 200
    assert len(provider.asked) == 1
