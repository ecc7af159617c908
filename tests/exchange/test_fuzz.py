"""Whatever comes: the parsers of requests, signatures and paths answer or refuse, and never fail.

Each property runs a bounded number of examples here. For longer:

    PANJEREH_FUZZ=100000 pytest tests/exchange/test_fuzz.py
"""

import asyncio
import os
import re
import socket
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some
from speaking import echo, say

from panjereh.common.http_signatures import SignatureRefused, content_digest, parse
from panjereh.exchange.gateway.door import DOORS
from panjereh.exchange.gateway.faults import Fault
from panjereh.exchange.gateway.paths import parse_target
from panjereh.exchange.gateway.wire import House, Wire

EXAMPLES = int(os.environ.get("PANJEREH_FUZZ", "150"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])

paths = some.from_regex(r"/[a-z0-9%/._-]{0,40}", fullmatch=True)
bodies = some.binary(max_size=300)
chunked = some.booleans()
REPLY = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Za-z ]+\r\n((?:[a-z0-9-]+: [^\r\n]*\r\n)*)\r\n")


def request(path: str, body: bytes, in_chunks: bool) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\n".encode()
    if in_chunks:
        parts = [body[i : i + 7] for i in range(0, len(body), 7)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\n\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


requests = some.builds(request, paths, bodies, chunked)


def replies(heard: bytes) -> list[tuple[int, bytes]]:
    """Status and body of each; fails when there is anything between or behind them."""
    found, place = [], 0
    while place < len(heard):
        reply = REPLY.match(heard, place)
        assert reply, heard[place : place + 200]
        (size,) = re.findall(rb"content-length: (\d+)", reply[2])
        end = reply.end() + int(size)
        found.append((int(reply[1]), heard[reply.end() : end]))
        place = end
    return found


def cut_at(octets: bytes, places: Sequence[int]) -> list[bytes]:
    borders = sorted({place % (len(octets) + 1) for place in places} | {0, len(octets)})
    return [octets[a:b] for a, b in pairwise(borders)]


@fuzz
@given(
    some.lists(some.tuples(paths, bodies, chunked), min_size=1, max_size=6),
    some.lists(some.integers(0, 5000), max_size=12),
)
def test_good_requests_are_answered_in_order_however_they_are_cut(
    asked: list[tuple[str, bytes, bool]], places: list[int]
) -> None:
    octets = b"".join(request(*one) for one in asked)

    found = replies(say(*cut_at(octets, places)))

    assert found == [(200, body) for _, body, _ in asked]


@fuzz
@given(some.lists(requests, min_size=1, max_size=4), some.data())
def test_spoiled_requests_are_refused_once_and_end_the_connection(
    asked: list[bytes], data: some.DataObject
) -> None:
    octets = bytearray(b"".join(asked))
    for _ in range(data.draw(some.integers(1, 6))):
        place = data.draw(some.integers(0, len(octets) - 1))
        octets[place] = data.draw(some.sampled_from(b"\r\n\0 :;,%\t/AZaz09\xff"))

    found = replies(say(bytes(octets)))

    statuses = [status for status, _ in found]
    assert len(found) <= len(asked) + 1 or b"HTTP/" in octets  # spoilt into more requests
    assert set(statuses[:-1]) <= {200}
    assert not statuses or statuses[-1] in {200, 400}


@fuzz
@given(some.binary(max_size=2000), some.lists(some.integers(0, 2000), max_size=4))
@example(b"\r\n" * 500, [])
@example(b"GET / HTTP/1.1\r\n\r\n" * 50, [])
def test_any_octets_are_answered_with_http_or_silence(octets: bytes, places: list[int]) -> None:
    assert {status for status, _ in replies(say(*cut_at(octets, places)))} <= {200, 400}


def test_the_silent_are_left_and_the_waiting_are_not() -> None:
    asyncio.run(leave_the_silent())


async def leave_the_silent() -> None:
    house = House(echo)
    parts = (b"", b"GET /hea", b"GET / HTTP/1.1\r\nHost: x\r\n")
    lines = [asyncio.create_task(silent(house, part)) for part in parts]
    while len(house.wires) < len(parts):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    house.sweep(time.monotonic() + 5)
    await asyncio.sleep(0.05)
    assert len(house.wires) == len(parts)

    house.sweep(time.monotonic() + 11)

    assert await asyncio.gather(*lines) == [b""] * len(parts)
    assert house.wires == set()


async def silent(house: House, part: bytes) -> bytes:
    ours, theirs = socket.socketpair()
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: Wire(house, DOORS["gsb"]), theirs)
    reader, writer = await asyncio.open_connection(sock=ours)
    writer.write(part)
    try:
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


names = some.sampled_from(
    ["x-road-client", "x-road-id", "content-digest", "signature", "signature-input", "host"]
)
inputs = some.one_of(
    some.text(max_size=80),
    some.from_regex(
        r'sig1=\(("@?[a-z-]{1,20}" ?){0,9}\);created=[0-9]{1,14};keyid="[^"]*";alg="[a-z0-9-]+"',
        fullmatch=True,
    ),
    some.just('sig1=("@method" "@request-target");created=1;keyid="a";alg="ed25519"'),
)


@fuzz
@given(
    some.text(max_size=10),
    some.text(max_size=40),
    some.dictionaries(names, some.text(max_size=60)),
    inputs,
    some.one_of(some.text(max_size=60), some.just("sig1=:AAAA:")),
)
def test_any_signature_is_read_or_refused(
    method: str, target: str, headers: dict[str, str], declared: str, signature: str
) -> None:
    headers |= {"signature-input": declared, "signature": signature}
    try:
        claim = parse(method, target, headers)
    except SignatureRefused as refused:
        assert refused.reason
    else:
        with pytest.raises(SignatureRefused):
            claim.check(lambda base, given_signature: False)


@fuzz
@given(some.text(max_size=80), some.text(max_size=40))
@example("/r1/IR-TEST/GOV/1/s/service/..%2f..", "")
@example("/r1/IR-TEST/GOV/1/s/service/%c0%ae%c0%ae", "")
def test_any_path_is_read_in_one_spelling_or_refused(path: str, query: str) -> None:
    for spelled in (path, f"/r1/IR-TEST/GOV/1/system/{path}"):
        try:
            target = parse_target(spelled, query)
        except Fault as fault:
            assert fault.type == "client.bad_request"
            continue
        assert target.service.count("/") == 4
        assert not {"", ".", ".."} & set(target.segments)
        assert parse_target(f"/r1/{target.service}{target.inner_path}", query) == target


@fuzz
@given(some.binary(max_size=200))
def test_digests_of_any_body_are_told_apart(body: bytes) -> None:
    assert content_digest(body) != content_digest(body + b" ")
