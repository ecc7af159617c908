"""The books: what the collector keeps in PostgreSQL of the records."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db import connection
from sample import NOON

from panjereh.exchange import jobs
from panjereh.exchange.records import Record

DAWN = datetime.fromtimestamp(NOON / 1e6, UTC) - timedelta(hours=1)
DUSK = DAWN + timedelta(hours=12)


class Books:
    def enter(self, records: Sequence[Record]) -> None:
        async def keep() -> None:
            async with await psycopg.AsyncConnection.connect(jobs.database_dsn()) as wire:
                await jobs.keep(wire, list(records))

        asyncio.run(keep())

    def change(self, sql: str, *values: Any) -> int:
        """As somebody does who holds the database's password."""
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)
