"""Records of calls, and the collector that keeps them."""

import asyncio
import random
import uuid
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg

from panjereh.common import clock
from panjereh.exchange import jobs
from panjereh.exchange.records import Record

CONSUMER = "IR-TEST/GOV/14000000001/window"
PROVIDER = "IR-TEST/GOV/14000000002/registry"
TIMEOUT = "server.serverproxy.service_failed.timeout"
DENIED = "server.serverproxy.access_denied"
NOT_RECORDED = "server.serverproxy.logging_failed.not_recorded"
KEPT = ("monitoring_minute", "monitoring_hour", "monitoring_day", "monitoring_flow")


def record(at: datetime | None = None, milliseconds: float = 4, **facts: object) -> Record:
    """A call that was answered, by a provider that took nearly all of the time."""
    began = microseconds(at or clock.now())
    took = int(milliseconds * 1000)
    told = Record(
        request_id=str(uuid.uuid4()),
        gateway="gw-1",
        received_at=began,
        forwarded_at=began + took // 10,
        answered_at=began + took,
        finished_at=began + took,
        consumer=CONSUMER,
        provider=PROVIDER,
        service="person",
        method="POST",
        path_template="/",
        grant_id=7,
        status=200,
        request_size=30,
        response_size=400,
        cut_fields=2,
        bus="gsb",
    )
    return msgspec.structs.replace(told, **facts)


def failed(cause: str, code: str, at: datetime | None = None, **facts: object) -> Record:
    """A call that was not answered as asked."""
    status = 400 if cause == "consumer" else 500
    answered = {} if cause == "provider" else {"forwarded_at": None}
    facts = {"answered_at": None, "cut_fields": 0, **answered, **facts}
    return record(at, status=status, cause=cause, error_code=code, **facts)


def withheld(told: Record) -> Record:
    facts = {"status": 500, "cause": "gateway", "error_code": NOT_RECORDED}
    return msgspec.structs.replace(told, response_size=0, response_digest="", **facts)


def any_traffic(dice: random.Random, count: int, since: datetime, days: int) -> list[Record]:
    """Calls of all kinds, some told twice, some withheld after they were told as good."""
    found: list[Record] = []
    for _ in range(count):
        at = since + timedelta(seconds=dice.uniform(0, days * 86_400))
        facts = {
            "consumer": f"{CONSUMER}-{dice.randrange(3)}",
            "service": f"service-{dice.randrange(4)}",
            "grant_id": dice.choice([None, 1, 2]),
            "bus": dice.choice(["gsb", "pgsb"]),
            "response_size": dice.randrange(5000),
        }
        cause = dice.choice(["", "", "", "consumer", "gateway", "provider"])
        made = failed(cause, f"x.{cause}", at, **facts) if cause else record(at, 9, **facts)
        found.append(made)
        if dice.random() < 0.2:
            found.append(made)
        if dice.random() < 0.1:
            found.append(withheld(made))
    dice.shuffle(found)
    return found


def microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def a_day(now: datetime, **facts: Any) -> list[Record]:
    """The past 24 hours of a service: mostly good, some slow, some of each failure."""
    dice, found = random.Random(7), []
    for number in range(300):
        at = now - timedelta(seconds=number * 280 + dice.random())
        found.append(record(at, dice.lognormvariate(3, 1), **facts))
    for number in range(6):
        at = now - timedelta(hours=number * 3, seconds=30)
        found.append(failed("provider", TIMEOUT, at, **facts))
        found.append(failed("consumer", DENIED, at, **(facts | {"grant_id": None})))
        found.append(failed("gateway", NOT_RECORDED, at, **facts))
    return found


class Books:
    """The database as the collector sees it: through a connection of its own."""

    def keep(self, *batches: Sequence[Record]) -> None:
        _run(_keep(batches))

    def keep_at_once(self, *batches: Sequence[Record]) -> None:
        """Each batch by a collector of its own."""

        async def together() -> None:
            await asyncio.gather(*[_keep([batch]) for batch in batches])

        _run(together())

    def execute(self, query: str, *values: object) -> None:
        with psycopg.connect(jobs.database_dsn(), autocommit=True) as wire:
            wire.execute(query, values)

    def forget(self) -> None:
        for table in (*KEPT, "exchange_callrecord"):
            self.execute(f"DELETE FROM {table}")


def _run(deed: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own, for a browser of the test may have this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, deed).result()


async def _keep(batches: Sequence[Sequence[Record]]) -> None:
    async with await psycopg.AsyncConnection.connect(jobs.database_dsn(), autocommit=True) as wire:
        for batch in batches:
            await jobs.keep(wire, list(batch))
