"""What the terms of a grant cost: lists of a million ids in a gateway, quotas, circuits, sharing.

    .venv/bin/python bench/exchange/terms.py [--ids 1000000] [--lists 3]

Starts a PostgreSQL and a NATS of its own. The load and the memory are those of the policy keeper's
own code on the tables of the feeds; what a call pays is measured in a loop, in microseconds.
"""

import argparse
import asyncio
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nats
import psycopg

from panjereh.exchange.gateway.breaker import Breakers
from panjereh.exchange.gateway.conditions import Conditions, compile_conditions
from panjereh.exchange.gateway.lists import Lists
from panjereh.exchange.gateway.policy import Offer, Permission
from panjereh.exchange.gateway.quota import Quotas
from panjereh.exchange.gateway.quota_share import QuotaShare
from panjereh.runtime.embedded import Nats, Postgres
from panjereh.runtime.ports import free_port

TABLES = """
    CREATE TABLE feeds_listperiod (id bigint PRIMARY KEY, list_code text, state text, revision int);
    CREATE TABLE feeds_listentry (period_id bigint, token bytea, UNIQUE (period_id, token));
"""
FILL = """
    INSERT INTO feeds_listentry SELECT %s, substr(sha256((%s || ':' || n)::bytea), 1, 16)
    FROM generate_series(1, %s) n
"""


def microseconds(deed: Callable[[], Any], times: int = 20_000) -> float:
    began = time.perf_counter()
    for _ in range(times):
        deed()
    return (time.perf_counter() - began) / times * 1e6


def megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def database() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Path(folder), durable=False)
        server.start()
        try:
            yield f"postgresql:///postgres?host={server.socket_folder}&user=postgres"
        finally:
            server.stop()


def fill(url: str, lists: int, ids: int) -> None:
    with psycopg.connect(url) as wire:
        wire.execute(TABLES)
        for number in range(lists):
            code = f"list-{number}"
            wire.execute(
                "INSERT INTO feeds_listperiod VALUES (%s, %s, 'current', 1)", [number, code]
            )
            wire.execute(FILL, [number, code, ids])
        wire.execute("ANALYZE feeds_listentry")


async def read_lists(url: str, lists: int) -> tuple[Lists, dict[str, float]]:
    held, told = Lists("secret"), {}
    codes = [f"list-{number}" for number in range(lists)]
    async with await psycopg.AsyncConnection.connect(url) as wire:
        before, began = megabytes(), time.perf_counter()
        await held.read(wire, codes)
        told["first load of all lists, s"] = time.perf_counter() - began
        told["memory kept, MB"] = megabytes() - before
        began = time.perf_counter()
        await held.read(wire, codes)
        told["load when nothing was published, ms"] = (time.perf_counter() - began) * 1e3
        await wire.execute("UPDATE feeds_listperiod SET revision = 2 WHERE id = 0")
        began = time.perf_counter()
        await held.read(wire, codes)
        told["load of one list that changed, s"] = time.perf_counter() - began
    return held, told


def check_cost(held: Lists) -> dict[str, float]:
    written = [{"kind": "listed", "list": "list-0", "pointer": "/enterprise_national_id"}]
    conditions = compile_conditions(written, held)
    assert isinstance(conditions, Conditions)
    body = json.dumps({"enterprise_national_id": "10100000001", "more": "x" * 900}).encode()

    def refused() -> None:
        try:
            conditions.check("", body)
        except Exception:
            return

    listed = held.tester("list-0")
    return {
        "one id looked up (HMAC and search), µs": microseconds(lambda: listed("10100000001")),
        "whole condition on a body of 1 KB, µs": microseconds(refused),
    }


def per_call() -> dict[str, float]:
    quotas, breakers = Quotas(), Breakers()
    plain = Permission(1, None, 10**9, 0, None)
    daily = Permission(2, None, 10**9, 0, None, quota_per_day=10**9)
    offer = Offer("p/a", "p", "a", "", [], 1, True, "")

    def guarded() -> None:
        with breakers.watching(offer):
            pass

    return {
        "quota of the minute, µs": microseconds(lambda: quotas.take(plain)),
        "quota of minute and day, µs": microseconds(lambda: quotas.take(daily)),
        "the three RateLimit fields, µs": microseconds(lambda: quotas.headers(1)),
        "circuit around a call, µs": microseconds(guarded),
    }


async def sharing(grants: int) -> dict[str, float]:
    """One round of telling: all grants have changed; and how long until another gateway knows."""
    with tempfile.TemporaryDirectory() as folder:
        server = Nats(Path(folder), free_port())
        server.start()
        try:
            return await _share(server.url, grants)
        finally:
            server.stop()


async def _share(url: str, grants: int) -> dict[str, float]:
    mine, theirs = Quotas(), Quotas()
    share, other = QuotaShare(url, mine), QuotaShare(url, theirs)
    listening = asyncio.create_task(other.run())
    client = await nats.connect(url)
    bucket = await share._bucket(client)
    await asyncio.sleep(1)
    for grant in range(grants):
        mine.take(Permission(grant, None, 10**9, 0, None, quota_per_day=10**9))
    cpu, began = time.process_time(), time.perf_counter()
    await share._tell(bucket)
    told = time.perf_counter() - began
    while theirs.elsewhere.days.get(grants - 1) != 1:
        await asyncio.sleep(0.001)
    known = time.perf_counter() - began
    cpu = time.process_time() - cpu
    listening.cancel()
    await client.close()
    return {
        f"telling {grants} changed grants, ms": told * 1e3,
        f"another gateway knows all {grants}, ms": known * 1e3,
        f"CPU of both for {grants}, ms": cpu * 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--lists", type=int, default=3)
    wanted = parser.parse_args()
    figures: dict[str, float] = {"load before": os.getloadavg()[0]}
    with database() as url:
        fill(url, wanted.lists, wanted.ids)
        held, told = asyncio.run(read_lists(url, wanted.lists))
    figures |= told | check_cost(held) | per_call()
    for grants in (1, 1_000, 20_000):
        figures |= asyncio.run(sharing(grants))
    print(f"{wanted.lists} lists of {wanted.ids} ids each")
    for name, value in figures.items():
        print(f"{value:12.2f}  {name}")


if __name__ == "__main__":
    main()
