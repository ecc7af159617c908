"""What keeping the evidence of calls costs, on this machine.

    python bench/evidence/bench.py [--records 1000000] [--large 10000000] [--stream 100000]

Parts: making a leaf; appending ten thousand records at a time with tree, files on the disk and a
signed checkpoint; the same fed from JetStream by the worker's task; the proof of any record, also
out of a log of ten million (all its tiles, and of its entries those asked for). CPU is that
of the process (`process_time`), which a busy machine does not change much; wall time it does.
"""

import argparse
import asyncio
import hashlib
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")
if __name__ == "__main__" and "PANJEREH_HOME" not in os.environ:
    os.environ["PANJEREH_HOME"] = tempfile.mkdtemp(prefix="panjereh-bench-home-")

import django

django.setup()

import nats  # noqa: E402
from django.conf import settings  # noqa: E402
from nats.js.api import DiscardPolicy, StreamConfig  # noqa: E402

from panjereh.common.http_signatures import content_digest  # noqa: E402
from panjereh.exchange.evidence.checkpoint import Checkpoint  # noqa: E402
from panjereh.exchange.evidence.folder import Folder  # noqa: E402
from panjereh.exchange.evidence.growth import Growth  # noqa: E402
from panjereh.exchange.evidence.jobs import keep_log  # noqa: E402
from panjereh.exchange.evidence.keys import log_keys  # noqa: E402
from panjereh.exchange.evidence.leaf import Arrived, LeafMaker  # noqa: E402
from panjereh.exchange.evidence.log import Log, Position  # noqa: E402
from panjereh.exchange.evidence.merkle import leaf_hash  # noqa: E402
from panjereh.exchange.evidence.note import signed  # noqa: E402
from panjereh.exchange.evidence.proof import LogProof  # noqa: E402
from panjereh.exchange.evidence.spans import Spans  # noqa: E402
from panjereh.exchange.evidence.stored import StoredTree, find, published  # noqa: E402
from panjereh.exchange.evidence.tiles import (  # noqa: E402
    ENTRIES,
    WIDTH,
    pack_entries,
    tile_path,
)
from panjereh.exchange.evidence.verify import verify  # noqa: E402
from panjereh.exchange.records import STREAM, SUBJECT, Record, encode  # noqa: E402
from panjereh.runtime.embedded import Nats  # noqa: E402
from panjereh.runtime.ports import free_port  # noqa: E402

ORIGIN = "bench.example/log"
BATCH = 10_000
MESSAGE = 100
NOON = 1_795_000_000_000_000
EVERY = 200  # microseconds between two calls: five thousand a second


def record(number: int) -> Record:
    at = NOON + number * EVERY
    return Record(
        request_id=str(uuid.UUID(int=number << 64 | 4 << 76)),
        gateway="gateway-1",
        bus="gsb",
        face="r1",
        purpose="newborn-certificate",
        received_at=at,
        forwarded_at=at + 700,
        answered_at=at + 9_000,
        finished_at=at + 9_300,
        x_road_id=f"{number:032x}",
        issue="14050902-7K3M-9QRT",
        consumer="IR-TEST/GOV/14000276022/civil-registration-window",
        provider="IR-TEST/GOV/14000276031/postal-registry",
        service="address",
        method="POST",
        path_template="/",
        grant_id=12,
        status=200,
        request_size=31,
        response_size=412,
        request_digest=content_digest(b"question %d" % number),
        response_digest=content_digest(b"answer %d" % number),
        cut_fields=3,
        user_pseudonym=hashlib.sha256(b"person %d" % number).hexdigest()[:32],
        subjects=[hashlib.sha256(b"child %d" % number).hexdigest()[:32]],
    )


def messages(first: int, last: int) -> Iterator[bytes]:
    for start in range(first, last, MESSAGE):
        yield encode([record(n) for n in range(start, min(start + MESSAGE, last))])


class Cost:
    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall

    def told(self, count: int) -> str:
        cpu, wall = count / self.cpu, count / self.wall
        return f"{cpu:>9,.0f}/s of CPU ({1e6 / cpu:5.1f} us each) {wall:>9,.0f}/s seen"


def say(name: str, words: str) -> None:
    print(f"{name:<34} {words}", flush=True)


def bench_leaves(maker: LeafMaker) -> None:
    told = [Arrived(n, NOON, data) for n, data in enumerate(messages(0, 20_000))]
    making, hashing = Cost(), Cost()
    with making.counted():
        leaves = [leaf for message in told for leaf in maker.leaves(message)]
    with hashing.counted():
        for leaf in leaves:
            leaf_hash(leaf.entry)
    say("read a message, make its leaves", making.told(20_000))
    say("hash a leaf", hashing.told(20_000))
    say("bytes of a leaf", f"{statistics.mean(len(leaf.entry) for leaf in leaves):.0f}")


def bench_append(log: Log, maker: LeafMaker, count: int) -> None:
    cost, slowest = Cost(), 0.0
    for first in range(0, count, BATCH):
        arrived = [Arrived(1, NOON, data) for data in messages(first, min(first + BATCH, count))]
        begun = time.perf_counter()
        with cost.counted():
            leaves = [leaf for message in arrived for leaf in maker.leaves(message)]
            log.append(leaves, Position("bench", first, "d"))
        slowest = max(slowest, time.perf_counter() - begun)
    say(f"append {count:,}, 10,000 at a time", cost.told(count))
    say("longest such commit", f"{slowest * 1000:.0f} ms")
    used = {name: size_of(log.folder.path / name) for name in ("tile/entries", "tile", "spans")}
    entries, tiles = used["tile/entries"], used["tile"] - used["tile/entries"]
    say("bytes a record: entries", f"{entries / count:.1f}")
    say("bytes a record: hash tiles, spans", f"{tiles / count:.1f}, {used['spans'] / count:.2f}")


def bench_seconds(home: Path, maker: LeafMaker) -> None:
    """The law's rhythm: five thousand records, then a checkpoint, each second."""
    log = Log(Folder(home / "seconds"), log_keys(home / "keys", origin=ORIGIN, production=False))
    cost = Cost()
    for second in range(10):
        arrived = [Arrived(1, NOON, d) for d in messages(second * 5000, second * 5000 + 5000)]
        with cost.counted():
            leaves = [leaf for message in arrived for leaf in maker.leaves(message)]
            log.append(leaves, Position("bench", second, "d"))
    log.close()
    share = f"{cost.cpu / 10:.1%} of a core, {cost.wall / 10 * 1000:.0f} ms of each second"
    say("5,000/s, a checkpoint each second", share)


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def bench_proofs(log: Log, count: int) -> None:
    chosen = [random.Random(7).randrange(count) for _ in range(500)]
    whole = [timed(lambda n=n: prove(log.folder, n)) for n in chosen]
    bare = [timed(lambda n=n: StoredTree(log.folder, log.size).inclusion(n)) for n in chosen]
    say(f"proof by id, log of {count:,}", quantiles(whole))
    say("of it the path out of the tiles", quantiles(bare))
    growth = [timed(lambda n=n: StoredTree(log.folder, log.size).consistency(n)) for n in chosen]
    say("consistency proof", quantiles(growth))
    text, entry = prove(log.folder, chosen[0])
    vkey = str(log._keys.signer.verifier)
    assert verify(text, entry, [vkey]).valid
    say("check a proof", quantiles([timed(lambda: verify(text, entry, [vkey])) for _ in chosen]))
    say("bytes of a proof", f"{len(text.encode())}")


class HashedGrowth(Growth):
    """A tree of hashes alone: what a proof reads of a log too large to be written here."""

    def add_hash(self, hash_: bytes) -> None:
        self._push(0, hash_)
        self.size += 1


def bench_large(home: Path, maker: LeafMaker, count: int) -> None:
    """All tiles and spans of the log; of its entries only the bundles that are asked for."""
    folder, growth, spans = Folder(home / "large"), HashedGrowth(), Spans()
    chosen = sorted({random.Random(9).randrange(count // WIDTH) for _ in range(60)})
    for bundle in range(count // WIDTH):
        first = bundle * WIDTH
        entries = []
        if bundle in chosen:
            entries = [maker.of_record(record(first + i)).entry for i in range(WIDTH)]
            write_unsynced(folder, {tile_path(ENTRIES, bundle): pack_entries(entries)})
        for i in range(WIDTH):
            growth.add_hash(leaf_hash(entries[i]) if entries else os.urandom(32))
            spans.note(first + i, NOON + (first + i) * EVERY)
        if bundle % WIDTH == 0:
            write_unsynced(folder, growth.take()[0])
    write_unsynced(folder, growth.take()[0])
    spans.write(folder, growth.size)
    keys = log_keys(home / "keys", origin=ORIGIN, production=False)
    head = Checkpoint(ORIGIN, growth.size, growth.root())
    folder.write({"checkpoint": signed(head.text, [keys.signer.sign(head.text)]).encode()})
    numbers = [bundle * WIDTH + 7 for bundle in chosen]
    vkey = str(keys.signer.verifier)
    for number in numbers[:5]:
        assert verify(*prove(folder, number), [vkey]).valid
    spent = [timed(lambda n=n: prove(folder, n)) for n in numbers * 5]
    say(f"proof by id, log of {growth.size:,}", quantiles(spent))


def write_unsynced(folder: Folder, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def prove(folder: Folder, number: int) -> tuple[str, bytes]:
    """As the page does it: from request id and time to the text."""
    seen = published(folder)
    assert seen
    tree = StoredTree(folder, seen.head.size)
    told = record(number)
    (index,) = find(tree, f'"request_id":"{told.request_id}"'.encode(), told.received_at)
    return str(LogProof(index, tree.inclusion(index), str(seen.note))), tree.entry(index)


def timed(deed: Callable[[], object]) -> float:
    begun = time.perf_counter()
    deed()
    return (time.perf_counter() - begun) * 1000


def quantiles(spent: list[float]) -> str:
    cuts = statistics.quantiles(spent, n=100)
    return f"median {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, worst {max(spent):.2f} ms"


def bench_stream(home: Path, count: int) -> None:
    """What waits in the stream, read by the worker's task as fast as it can."""
    server = Nats(home, free_port(), durable=False)
    server.start()
    try:
        asyncio.run(fill(server.url, count))
        folder = Folder(home / "streamed")
        settings.EVIDENCE = {"folder": folder.path, "origin": ORIGIN}
        settings.KEYS, settings.NATS_URL = home / "keys", server.url
        cost = Cost()
        with cost.counted():
            asyncio.run(keep_until(folder, count))
        say(f"{count:,} from JetStream, the worker", cost.told(count))
    finally:
        server.stop()


async def fill(url: str, count: int) -> None:
    client = await nats.connect(url)
    stream = client.jetstream()
    config = StreamConfig(STREAM, subjects=["records.>"])
    config.discard = DiscardPolicy.NEW
    await stream.add_stream(config)
    for data in messages(0, count):
        await stream.publish(SUBJECT, data, stream=STREAM)
    await client.close()


async def keep_until(folder: Folder, count: int) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(keep_log(stop))
    while not task.done():
        seen = published(folder)
        if seen and seen.head.size >= count:
            break
        await asyncio.sleep(0.05)
    stop.set()
    await task


def machine() -> str:
    model = subprocess.run(
        ["sh", "-c", "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2"],
        capture_output=True,
        text=True,
        check=False,
    )
    load = os.getloadavg()[0]
    about = f"{os.cpu_count()} x {model.stdout.strip()}, Python {platform.python_version()}"
    return f"{about}, load {load:.1f}"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--stream", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where to write; a temporary one when left out")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="panjereh-bench-", dir=given.folder))
    try:
        say("machine", machine())
        keys = log_keys(home / "keys", origin=ORIGIN, production=False)
        maker = LeafMaker(keys.nonce_key)
        bench_leaves(maker)
        bench_seconds(home, maker)
        log = Log(Folder(home / "evidence"), keys)
        bench_append(log, maker, given.records)
        bench_proofs(log, given.records)
        log.close()
        bench_large(home, maker, given.large)
        bench_stream(home, given.stream)
    finally:
        shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
