"""What "who looked at my data" costs as the table grows: reading one person's looks, writing them.

    python bench/usage/run.py [--sizes 10000,100000,1000000,10000000]

The looks of a nation are spread over seven months and a person has a few; one person has 60. At
each size that person's page is asked for as the service does it (ten cases, agencies, counts), and
5,000 records are kept as the collector does it. PANJEREH_TEST_POSTGRES names a server to use.
"""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "exchange_usage")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")
os.environ.setdefault("PANJEREH_HOME", tempfile.mkdtemp(prefix="panjereh-bench-home-"))

from panjereh.runtime.embedded import Postgres  # noqa: E402

if "PANJEREH_TEST_POSTGRES" not in os.environ:
    server = Postgres(Path(os.environ["PANJEREH_HOME"]), durable=False)
    server.start()
    os.environ["PANJEREH_TEST_POSTGRES"] = str(server.socket_folder)
os.environ["PANJEREH_EXCHANGE_DATABASE_URL"] = (
    f"postgresql:///panjereh_bench_usage?host={os.environ['PANJEREH_TEST_POSTGRES']}&user=postgres"
)

import django  # noqa: E402

django.setup()

import psycopg  # noqa: E402
from collector import call_about  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from nation import MOTHER, WINDOW, Nation, nation_of  # noqa: E402

from panjereh.common import clock  # noqa: E402
from panjereh.exchange import jobs  # noqa: E402
from panjereh.exchange.usage import looks, overview, queries  # noqa: E402
from panjereh.exchange.usage.api import LooksIn  # noqa: E402
from panjereh.exchange.usage.api import looks as service  # noqa: E402
from panjereh.exchange.usage.persons import months  # noqa: E402
from panjereh.sdk.provider import ExchangeCall  # noqa: E402

ROUNDS, KEPT = 40, 5_000
_FILL = """
    INSERT INTO usage_look
    SELECT gen_random_uuid() AS name, %s + random() * (%s::timestamptz - %s), gen_random_uuid(), %s,
        CASE WHEN random() < 0.5 THEN gen_random_uuid() END, 200, true,
        'case-' || (random() * 1e9)::bigint, ''
    FROM generate_series(1, %s) ORDER BY name
"""


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", default="10000,100000,1000000,10000000")
    sizes = [int(text) for text in arguments.parse_args().sizes.split(",")]
    nation = prepare()
    print(f"{platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}")
    for size in sizes:
        fill(nation, size)
        print(f"{count():>12,} looks: " + ", ".join(measured(nation)), flush=True)


def prepare() -> Nation:
    host = os.environ["PANJEREH_TEST_POSTGRES"]
    with psycopg.connect(f"host={host} user=postgres dbname=postgres", autocommit=True) as wire:
        wire.execute("DROP DATABASE IF EXISTS panjereh_bench_usage")
        wire.execute("CREATE DATABASE panjereh_bench_usage")
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        for month in months(queries.kept_since()):
            cursor.execute(looks.creation(month))
    nation = nation_of()
    days = [clock.now() - timedelta(days=3 * n, minutes=5) for n in range(60)]
    cases = [
        call_about(MOTHER, grant=nation.person, user=MOTHER, case=f"case-{n // 2}", at=day)
        for n, day in enumerate(days)
    ]
    asyncio.run(keep(cases))
    return nation


def fill(nation: Nation, size: int) -> None:
    missing, since = size - count(), queries.kept_since()
    with connection.cursor() as cursor:
        values = [since, clock.now(), since, nation.person.pk, max(missing, 0)]
        cursor.execute(_FILL, values)
        cursor.execute("VACUUM ANALYZE usage_look")


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM usage_look")
        return int(cursor.fetchone()[0])


def measured(nation: Nation) -> list[str]:
    request = type("Request", (), {"exchange_call": ExchangeCall(WINDOW, "r", "", MOTHER, "")})()
    page = milliseconds(lambda: service(request, LooksIn()))
    chosen = queries.Selection(MOTHER)
    kinds = milliseconds(lambda: overview.by_kind(queries.looks_at(chosen)))
    return [f"page {page:.1f} ms", f"overview {kinds:.1f} ms", writing(nation), size_of_table()]


def milliseconds(deed: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        deed()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[ROUNDS // 4 :])


def writing(nation: Nation) -> str:
    """Only the looks, in batches of the collector's size, rolled back."""
    records = [
        call_about(str(uuid.uuid4().int)[:10], grant=nation.person, user=MOTHER)
        for _ in range(KEPT)
    ]
    began, cpu = time.perf_counter(), time.process_time()
    asyncio.run(write_looks(records))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return f"keep {wall / KEPT * 1e6:.0f} us a look seen, {cpu / KEPT * 1e6:.0f} us of CPU here"


async def write_looks(records: list[object]) -> None:
    async with await psycopg.AsyncConnection.connect(jobs.database_dsn()) as wire:
        for first in range(0, KEPT, 500):
            await looks.keep(wire, records[first : first + 500])
        await wire.rollback()


async def keep(records: list[object]) -> None:
    async with await psycopg.AsyncConnection.connect(jobs.database_dsn(), autocommit=True) as wire:
        await jobs.keep(wire, records)


def size_of_table() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits"
            " WHERE inhparent = 'usage_look'::regclass"
        )
        return f"{int(cursor.fetchone()[0]) / count():.0f} bytes a look with indexes"


if __name__ == "__main__":
    main()
