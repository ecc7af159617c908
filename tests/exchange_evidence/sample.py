"""Records as a gateway writes them, and logs made of them."""

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path

import msgspec

from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.keys import LogKeys, log_keys
from panjereh.exchange.evidence.leaf import Leaf, LeafMaker
from panjereh.exchange.evidence.log import Log, Position
from panjereh.exchange.records import Record

ORIGIN = "nix.example/log"
NOON = 1_795_000_000_000_000  # microseconds, in November 2026
CONSUMER = "IR-TEST/GOV/14000000001/civil-registration-window"
PROVIDER = "IR-TEST/GOV/14000000002/postal-registry"
MAKER = LeafMaker(bytes(range(32)))


def record(number: int, **facts: object) -> Record:
    """The `number`-th of the day, ten milliseconds after the one before it."""
    at = NOON + number * 10_000
    told = Record(
        request_id=str(uuid.UUID(int=(number << 64) | 4 << 76)),
        gateway="gw-1",
        received_at=at,
        forwarded_at=at + 700,
        answered_at=at + 9_000,
        finished_at=at + 9_300,
        x_road_id=f"call-{number}",
        consumer=CONSUMER,
        provider=PROVIDER,
        service="address",
        method="POST",
        path_template="/",
        grant_id=12,
        status=200,
        request_size=31,
        response_size=412,
        request_digest=digest(b"question %d" % number),
        response_digest=digest(b"answer %d" % number),
        cut_fields=3,
        user_pseudonym=hashlib.sha256(b"person %d" % (number % 97)).hexdigest(),
    )
    return msgspec.structs.replace(told, **facts)


def digest(body: bytes) -> str:
    from panjereh.common.http_signatures import content_digest

    return content_digest(body)


def records(count: int, first: int = 0) -> list[Record]:
    return [record(number) for number in range(first, first + count)]


def leaves(count: int, first: int = 0) -> list[Leaf]:
    return [MAKER.of_record(r) for r in records(count, first)]


def keys_in(path: Path) -> LogKeys:
    return log_keys(path / "keys", origin=ORIGIN, production=False)


def open_log(path: Path) -> Log:
    return Log(Folder(path / "evidence"), keys_in(path))


def log_of(path: Path, count: int, batches: Sequence[int] = ()) -> Log:
    """An open log of `count` records; `batches` says after which of them it was committed."""
    log = open_log(path)
    first = 0
    for last in [*batches, count]:
        log.append(leaves(last - first, first), Position("s", last, "d"))
        first = last
    return log
