"""Write the looks of calls into their month: in the collector's transaction, so that the record of
a call and the look it was are kept together or not at all."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from panjereh.exchange.records import Record
from panjereh.exchange.usage.persons import Month

TABLE = "usage_look"
LONGEST_CASE = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEEP = f"""
    INSERT INTO {TABLE}
        (pseudonym, at, request_id, grant_id, issue, represented, acting, status, told)
    SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[], %s::bigint[], %s::text[],
        %s::text[], %s::uuid[], %s::smallint[], %s::boolean[])
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own table
_WITHHOLD = f"""
    UPDATE {TABLE} SET told = false, status = told_as.status
    FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[], %s::smallint[])
        AS told_as(pseudonym, at, request_id, status)
    WHERE {TABLE}.pseudonym = told_as.pseudonym AND {TABLE}.at = told_as.at
        AND {TABLE}.request_id = told_as.request_id
"""  # noqa: S608 - our own table

Wire = psycopg.AsyncConnection[Any]


async def keep(wire: Wire, records: list[Record]) -> None:
    """A call that a grant allowed and that named people is a look at each of them."""
    rows = [row for record in records if record.grant_id for row in _rows(record)]
    if not rows:
        return
    for month in {Month.of(row[1]) for row in rows}:
        await _make_room(wire, month)
    await wire.execute(_KEEP, [list(column) for column in zip(*rows, strict=True)])


async def withhold(wire: Wire, records: Iterable[Record]) -> None:
    """Now it is known that the answers to these calls never left the gateway."""
    rows = [
        (name, _at(record), record.request_id, record.status)
        for record in records
        for name in record.subjects
    ]
    if rows:
        await wire.execute(_WITHHOLD, [list(column) for column in zip(*rows, strict=True)])


def _rows(record: Record) -> Iterable[tuple[Any, ...]]:
    told = record.cause == "" and record.status < 400
    for name in record.subjects:
        yield (
            name,
            _at(record),
            record.request_id,
            record.grant_id,
            record.issue[:LONGEST_CASE],
            record.represented,
            record.user_pseudonym or None,
            record.status,
            told,
        )


def _at(record: Record) -> datetime:
    return _EPOCH + timedelta(microseconds=record.received_at)


async def _make_room(wire: Wire, month: Month) -> None:
    name = partition(month)
    found = await (await wire.execute("SELECT to_regclass(%s)", [name])).fetchone()
    if found is None or found[0] is None:
        await wire.execute(creation(month))


def partition(month: Month) -> str:
    return f"{TABLE}_{month.year:04}_{month.number:02}"


def creation(month: Month) -> str:
    """DDL takes no parameters; the name and the bounds are made of numbers."""
    return (
        f"CREATE TABLE IF NOT EXISTS {partition(month)} PARTITION OF {TABLE}"
        f" FOR VALUES FROM ('{month.begins:%Y-%m-%d} 00:00+00')"
        f" TO ('{month.after.begins:%Y-%m-%d} 00:00+00')"
    )
