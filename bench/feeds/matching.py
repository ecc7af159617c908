"""What a subscriber's tokens cost: making the index of its customers, and matching a file.

    python bench/feeds/matching.py [customers …]

A database of its own is made on the PostgreSQL that PANJEREH_TEST_POSTGRES names (or an embedded
one), and dropped afterwards. Each row: customers; seconds to know them; seconds to give them
tokens under a new key; bytes per customer; milliseconds to match a file of a thousand entries, of
which ten are customers; and, to compare, seconds to hash everybody for that file instead.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.agency")
_home = tempfile.TemporaryDirectory(prefix="panjereh-bench-")
os.environ["PANJEREH_HOME"] = _home.name

from panjereh.runtime.embedded import Postgres  # noqa: E402

BENCH = "panjereh_bench_feeds"
SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
ENTRIES, OURS, ROUNDS = 1000, 10, 15


def main(sizes: list[int]) -> None:
    socket, stop = _postgres()
    admin = f"host={socket} user=postgres dbname=postgres"
    os.environ["PANJEREH_AGENCY_DATABASE_URL"] = (
        f"postgresql:///{BENCH}?host={socket}&user=postgres"
    )
    _alone(admin, f"DROP DATABASE IF EXISTS {BENCH}", f"CREATE DATABASE {BENCH}")
    try:
        _measure(sizes)
    finally:
        from django.db import connection  # noqa: PLC0415

        connection.close()
        _alone(admin, f"DROP DATABASE {BENCH} WITH (FORCE)")
        stop()


def _postgres() -> tuple[str, Callable[[], None]]:
    if given := os.environ.get("PANJEREH_TEST_POSTGRES"):
        return given, lambda: None
    own = Postgres(Path(_home.name), durable=False)
    own.start()
    return str(own.socket_folder), own.stop


def _alone(dsn: str, *statements: str) -> None:
    import psycopg  # noqa: PLC0415

    with psycopg.connect(dsn, autocommit=True) as wire:
        for statement in statements:
            wire.execute(statement)


def _measure(sizes: list[int]) -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", "feed_following", verbosity=0)
    print("| customers | known (s) | tokens (s) | bytes each | match a file (ms) | hash all (s) |")
    print("|---|---|---|---|---|---|")
    known = 0
    for size in sizes:
        print(_row(known, size), flush=True)
        known = size


def _people(first: int, last: int) -> Iterator[str]:
    return (f"{n:010}" for n in range(first, last))


def _row(known: int, size: int) -> str:
    from django.db import connection  # noqa: PLC0415

    from panjereh.sdk.feeds.following import index, queries  # noqa: PLC0415
    from panjereh.sdk.feeds.following.models import CustomerToken, FeedKey  # noqa: PLC0415
    from panjereh.sdk.feeds.tokens import token  # noqa: PLC0415

    for key in FeedKey.objects.all():
        CustomerToken.objects.filter(key=key).delete()
        key.delete()
    began = time.perf_counter()
    index.know_customers(_people(known, size))
    knowing = (time.perf_counter() - began) * size / (size - known)

    secret = bytes(range(32))
    index.opened = lambda sealed: secret  # a key as it is once opened
    key = _new_key(size)
    began = time.perf_counter()
    index.index_customers(key)
    indexing = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_total_relation_size('feed_following_customertoken')")
        (size_on_disk,) = cursor.fetchone()

    spread = range(0, size, size // OURS)
    file = [token(secret, f"{n:010}") for n in list(spread)[:OURS]]
    file += [token(secret, f"9{n:09}") for n in range(ENTRIES - OURS)]
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert len(queries.customers_among(key, file)) == OURS
        times.append(time.perf_counter() - began)
    began = time.perf_counter()
    for national_id in _people(0, min(size, 200_000)):
        token(secret, national_id)
    hashing = (time.perf_counter() - began) * size / min(size, 200_000)
    return (
        f"| {size:,} | {knowing:.1f} | {indexing:.1f} | {size_on_disk / size:.0f} "
        f"| {statistics.median(times) * 1000:.1f} | {hashing:.2f} |"
    )


def _new_key(number: int) -> "object":
    from datetime import date  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from panjereh.sdk.feeds.following.models import FeedKey  # noqa: PLC0415

    return FeedKey.objects.create(
        feed="bench/feed",
        epoch=number,
        starts_on=date(2026, 1, 1),
        sealed="",
        got_at=timezone.now(),
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
