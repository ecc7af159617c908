"""Where the microseconds of a call go: each step by itself, on the messages of the bench.

    .venv/bin/python bench/exchange/steps.py

The least of many repeats is told, so it bears a busy machine. Steps of the kernel and of the event
loop (reading, writing, waiting) are not among them: they are what is left of the CPU of a call.
"""

import json
import timeit
from collections.abc import Callable

import httptools
import msgspec
from nacl.signing import SigningKey

from panjereh.common.http_signatures import (
    content_digest,
    ed25519_signer,
    ed25519_verifier,
    hmac_signer,
    parse,
    sign,
)
from panjereh.exchange.gateway.caller import Replays, check_ids
from panjereh.exchange.gateway.fields import compile_items, cut
from panjereh.exchange.gateway.incoming import header_name
from panjereh.exchange.gateway.memory import SharedReplays
from panjereh.exchange.gateway.messages import header_map
from panjereh.exchange.gateway.provider import forwarded_headers
from panjereh.exchange.gateway.subjects import Pseudonyms, compile_places, persons_in
from panjereh.exchange.records import Record, encode

PATH = "/r1/IR-TEST/GOV/14003778990/provider/person"
CLIENT = "IR-TEST/GOV/14003778990/consumer"
BODY = json.dumps({"national_id": "0012345679", "padding": "x" * 900}).encode()
ANSWER = json.dumps({f"field_{n}": f"value of field number {n:02} ..." for n in range(22)}).encode()
KEY = SigningKey.generate()
RECORD = Record(
    request_id="0b0f0c0e-7a3e-4a55-9a52-0123456789ab",
    gateway="gateway-1",
    received_at=1_790_000_000_000_000,
    finished_at=1_790_000_000_002_000,
    consumer=CLIENT,
    service="person",
    request_digest=content_digest(BODY),
    response_digest=content_digest(ANSWER),
    subjects=["0" * 32],
)


def headers() -> dict[str, str]:
    plain = {
        "x-road-client": CLIENT,
        "x-road-id": "17c0ffee-1",
        "x-road-userid": "IR0012345679",
        "x-road-issue": "14050902-7K3M-9QRT",
        "content-type": "application/json",
        "content-digest": content_digest(BODY),
    }
    signer = ed25519_signer(KEY)
    return plain | sign("POST", PATH, plain, keyid=CLIENT, algorithm="ed25519", signer=signer)


class Reader:
    """What `wire` does with a head."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.parser = httptools.HttpRequestParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.pairs.append((header_name(name), value.decode("latin-1")))

    def on_message_complete(self) -> None:
        header_map(self.pairs)
        self.pairs = []


def steps() -> dict[str, Callable[[], object]]:
    sent, reader = headers(), Reader()
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    octets = f"POST {PATH} HTTP/1.1\r\ncontent-length: {len(BODY)}\r\n{lines}\r\n".encode() + BODY
    claim, verify = parse("POST", PATH, sent), ed25519_verifier(KEY.verify_key)
    places, tree = compile_places(["/national_id"]), compile_items(f"/field_{n}" for n in range(15))
    assert places is not None and tree is not None
    pseudonyms, alone, shared = Pseudonyms(b"secret"), Replays(), SharedReplays()
    forwarded = forwarded_headers(sent, RECORD.request_id, RECORD.request_digest)
    secret, numbers = hmac_signer(bytes(32)), iter(range(10**9))
    return {
        "read the request (llhttp, header names)": lambda: reader.parser.feed_data(octets),
        "signature: read it, build its base": lambda: parse("POST", PATH, sent),
        "signature: Ed25519": lambda: verify(claim.base, claim.signature),
        "ids and numbers of persons refused": lambda: check_ids(sent),
        "replay, one process": lambda: alone.remember(f"{CLIENT} {next(numbers)}"),
        "replay, several processes": lambda: shared.remember(f"{CLIENT} {next(numbers)}"),
        "who acts: pseudonym": lambda: pseudonyms.of("IR0012345679", RECORD.received_at),
        "whom it is about": lambda: persons_in(places, "", BODY),
        "digest of a body": lambda: content_digest(BODY),
        "headers to the provider": lambda: forwarded_headers(
            sent, RECORD.request_id, RECORD.request_digest
        ),
        "HMAC to the provider": lambda: sign(
            "POST", PATH, forwarded, keyid="provider", algorithm="hmac-sha256", signer=secret
        ),
        "cut the answer (22 items, 15 granted)": lambda: cut(ANSWER, tree),
        "record: make and write": lambda: encode([msgspec.structs.replace(RECORD)]),
    }


def main() -> None:
    print("| step | µs |\n|---|---:|")
    for name, step in steps().items():
        step()
        least = min(timeit.repeat(step, number=500, repeat=40)) / 500 * 1e6
        print(f"| {name} | {least:.1f} |")


if __name__ == "__main__":
    main()
