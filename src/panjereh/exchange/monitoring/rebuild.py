"""Count again from the records of calls, and say where counts and records differ.

Only days of which every record is still kept: what the books have pruned stays as it was counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from panjereh.common import clock
from panjereh.exchange.evidence.config import config
from panjereh.exchange.monitoring.cells import Cells, count
from panjereh.exchange.monitoring.counted import COLUMNS, record_of
from panjereh.exchange.monitoring.rollup import GRAINS, Wire, add

BATCH = 20_000
DAY = timedelta(days=1)
_READ = f"""
    SELECT {COLUMNS} FROM exchange_callrecord WHERE received_at >= %s AND received_at < %s
"""  # noqa: S608 - our own columns
_COUNTED_AND_KEPT = """
    WITH counted AS (
        SELECT c.at, f.consumer, f.provider, f.service, f.grant_id, f.bus, c.calls,
               c.failed_consumer, c.failed_gateway, c.failed_provider, c.response_bytes
        FROM monitoring_{grain} c JOIN monitoring_flow f ON f.id = c.flow_id
        WHERE c.at >= %(since)s AND c.at < %(until)s AND c.calls <> 0
    ), kept AS (
        SELECT date_trunc('{grain}', received_at, %(zone)s) AS at, consumer, provider, service,
               coalesce(grant_id, 0) AS grant_id, bus, count(*) AS calls,
               count(*) FILTER (WHERE cause = 'consumer') AS failed_consumer,
               count(*) FILTER (WHERE cause = 'gateway') AS failed_gateway,
               count(*) FILTER (WHERE cause = 'provider') AS failed_provider,
               sum(response_size)::bigint AS response_bytes
        FROM exchange_callrecord
        WHERE received_at >= %(since)s AND received_at < %(until)s
        GROUP BY 1, 2, 3, 4, 5, 6
    )
    SELECT at, consumer, concat_ws('/', nullif(provider, ''), service), counted.calls, kept.calls
    FROM counted FULL JOIN kept USING (
        at, consumer, provider, service, grant_id, bus, calls, failed_consumer, failed_gateway,
        failed_provider, response_bytes)
    WHERE counted.at IS NULL OR kept.at IS NULL
    ORDER BY at, consumer
"""


@dataclass(frozen=True)
class Difference:
    """A number that the other side does not have."""

    grain: str
    at: datetime
    consumer: str
    service: str
    side: str  # counted or kept


async def rebuild(dsn: str, since: datetime, until: datetime) -> int:
    """How many records were counted. The collector waits meanwhile, and adds its own afterwards."""
    since, until = complete_days(since, until)
    async with await psycopg.AsyncConnection.connect(dsn) as wire, wire.transaction():
        # Whoever has kept records that are not counted yet waits here and counts after us.
        tables = ", ".join(f"monitoring_{grain}" for grain in GRAINS)
        await wire.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
        for grain in GRAINS:
            forget = f"DELETE FROM monitoring_{grain} WHERE at >= %s AND at < %s"  # noqa: S608
            await wire.execute(forget, [since, until])
        return await _count_again(wire, since, until)


async def _count_again(wire: Wire, since: datetime, until: datetime) -> int:
    counted = 0
    async with wire.cursor("books") as books:
        await books.execute(_READ, [since, until])
        while rows := await books.fetchmany(BATCH):
            cells: Cells = {}
            count(cells, [record_of(row) for row in rows])
            await add(wire, cells)
            counted += len(rows)
    return counted


def differences(since: datetime, until: datetime) -> Iterator[Difference]:
    """Where counts and records of these days do not agree: none, when all is well."""
    since, until = complete_days(since, until)
    values: dict[str, Any] = {"since": since, "until": until, "zone": settings.TIME_ZONE}
    for grain in GRAINS:
        with connection.cursor() as cursor:
            cursor.execute(_COUNTED_AND_KEPT.format(grain=grain), values)
            for at, consumer, service, counted, _ in cursor.fetchall():
                side = "kept" if counted is None else "counted"
                yield Difference(grain, at, consumer, service, side)


def complete_days(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The days of Tehran around both, but none that may have been pruned in part."""
    term = timedelta(days=config().retention_days)
    oldest = _midnight(clock.now() - term + DAY)
    return max(_midnight(since), oldest), _midnight(until + DAY)


def _midnight(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
