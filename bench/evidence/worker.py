"""What the worker costs for each record: into the database with its counts and looks, and into the
log with tree and signed checkpoint, out of one stream, in one process.

    python bench/evidence/worker.py [--records 60000]

CPU of the worker is that of this process; of PostgreSQL that of its processes, which run on
whatever core is free.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
import uuid
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="panjereh-bench-"))
HOME.chmod(0o711)
os.environ["PANJEREH_HOME"] = str(HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.operator"

import django  # noqa: E402 - settings come first

django.setup()

import nats  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from panjereh.common.http_signatures import content_digest  # noqa: E402
from panjereh.exchange.evidence.config import config  # noqa: E402
from panjereh.exchange.evidence.jobs import keep_log  # noqa: E402
from panjereh.exchange.evidence.stored import published  # noqa: E402
from panjereh.exchange.jobs import collect_records  # noqa: E402
from panjereh.exchange.models import CallRecord  # noqa: E402
from panjereh.exchange.records import STREAM, SUBJECT, Record, encode, ensure_stream  # noqa: E402
from panjereh.runtime.embedded import Nats, Postgres  # noqa: E402
from panjereh.runtime.processes import descendants  # noqa: E402

MESSAGE = 100  # records that a gateway of such load sends together
PEOPLE, GRANTS, PORT = 50_000, 200, 24_870
TICK = os.sysconf("SC_CLK_TCK")


def record(number: int) -> Record:
    at = int(time.time() * 1e6)
    grant = random.randrange(GRANTS)
    return Record(
        request_id=str(uuid.uuid4()),
        gateway="gateway-1",
        received_at=at,
        forwarded_at=at + 700,
        answered_at=at + 9_000,
        finished_at=at + 9_300,
        bus="gsb",
        face="r1",
        purpose="newborn-certificate",
        x_road_id=str(uuid.uuid4()),
        issue="14050902-7K3M-9QRT",
        consumer=f"IR-TEST/GOV/14000276022/system-{grant % 20}",
        provider=f"IR-TEST/GOV/14000276031/system-{grant % 10}",
        service=f"service-{grant}",
        method="POST",
        path_template="/",
        grant_id=grant,
        status=200,
        request_size=31,
        response_size=412,
        request_digest=content_digest(b"question %d" % number),
        response_digest=content_digest(b"answer %d" % number),
        cut_fields=3,
        user_pseudonym=f"{random.randrange(PEOPLE):032x}",
        subjects=[f"{random.randrange(PEOPLE):032x}"],
    )


async def fill(url: str, count: int) -> int:
    client = await nats.connect(url)
    stream = client.jetstream()
    await ensure_stream(stream)
    size = 0
    for start in range(0, count, MESSAGE):
        body = encode([record(n) for n in range(start, min(start + MESSAGE, count))])
        size += len(body)
        await stream.publish(SUBJECT, body, stream=STREAM)
    await client.close()
    return size


async def work(count: int) -> None:
    """Both tasks as the operator's worker runs them, until both have everything."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(collect_records(stop)), asyncio.create_task(keep_log(stop))]
    folder = config().folder
    while (seen := published(folder)) is None or seen.head.size < count or await _kept() < count:
        await asyncio.sleep(0.25)
    stop.set()
    await asyncio.gather(*tasks)


async def _kept() -> int:
    return await asyncio.to_thread(CallRecord.objects.count)


def cpu_of(pid: int) -> float:
    """Seconds of a process, its children, and those of them that have ended."""
    total = 0
    for one in (pid, *descendants(pid)):
        words = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, words[11:15]))
    return total / TICK


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=60_000)
    count = parser.parse_args().records
    postgres, stream = Postgres(HOME), Nats(HOME, PORT)
    print(f"load {os.getloadavg()[0]:.1f} when it began, {os.cpu_count()} cores")
    postgres.start()
    stream.start()
    try:
        settings.NATS_URL = stream.url
        call_command("migrate", verbosity=0, interactive=False)
        size = asyncio.run(fill(stream.url, count))
        assert postgres._child
        began, cpu, other = time.perf_counter(), time.process_time(), cpu_of(postgres._child.pid)
        asyncio.run(work(count))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        other = cpu_of(postgres._child.pid) - other
        tell(count, size, seconds, cpu, other)
    finally:
        connection.close()
        stream.stop()
        postgres.stop()


def tell(count: int, size: int, seconds: float, cpu: float, other: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('exchange_callrecord')")
        (table,) = cursor.fetchone()
    print(
        f"worker       {1e6 * cpu / count:6.1f} us of CPU a record, {count / cpu:,.0f}/s of a core"
    )
    print(f"PostgreSQL   {1e6 * other / count:6.1f} us of CPU a record")
    print(f"seen         {count / seconds:,.0f} records/s")
    print(f"bytes        {size / count:.0f} in the stream, {table / count:.0f} in the database")


if __name__ == "__main__":
    main()
