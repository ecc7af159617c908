"""Add calls to the minutes, hours and days they belong to, within the collector's transaction: a
count is there exactly when its record is (NIX-24)."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import msgspec
import psycopg

from panjereh.exchange.monitoring.cells import Cell, Cells, as_row, by_start, count
from panjereh.exchange.records import Record

GRAINS = ("minute", "hour", "day")
Wire = psycopg.AsyncConnection[Any]

_KEY = "consumer, provider, service, grant_id, bus"
_SUMS = [f.name for f in fields(Cell) if f.type is int]
_COUNTED = [f.name for f in fields(Cell)]
_INCOMING = f"""
    jsonb_to_recordset(%s::jsonb) AS x(
        at timestamptz, consumer text, provider text, service text, grant_id bigint, bus text,
        {", ".join(f"{name} bigint" for name in _SUMS)},
        durations int[], provider_durations int[], errors jsonb)
"""
_KEEP_FLOWS = f"""
    INSERT INTO monitoring_flow ({_KEY})
    SELECT DISTINCT {_KEY} FROM {_INCOMING}
    WHERE NOT EXISTS (
        SELECT FROM monitoring_flow f
        WHERE (f.consumer, f.provider, f.service, f.grant_id, f.bus)
            = (x.consumer, x.provider, x.service, x.grant_id, x.bus))
    ORDER BY {_KEY}
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - names of our own dataclass


def _add_to(grain: str) -> str:
    sums = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in _SUMS)
    return f"""
        INSERT INTO monitoring_{grain} AS kept (flow_id, at, {", ".join(_COUNTED)})
        SELECT f.id, x.at, {", ".join(f"x.{name}" for name in _COUNTED)}
        FROM {_INCOMING} JOIN monitoring_flow f USING ({_KEY})
        ORDER BY f.id, x.at
        ON CONFLICT (flow_id, at) DO UPDATE SET {sums},
            durations = monitoring_add(kept.durations, excluded.durations),
            provider_durations =
                monitoring_add(kept.provider_durations, excluded.provider_durations),
            errors = CASE WHEN excluded.errors = '{{}}' THEN kept.errors
                          ELSE monitoring_merge(kept.errors, excluded.errors) END
    """  # noqa: S608 - names of our own dataclass


_ADD_TO = {grain: _add_to(grain) for grain in GRAINS}


async def keep(wire: Wire, records: Sequence[Record]) -> None:
    """Count records that were not counted before."""
    cells: Cells = {}
    count(cells, records)
    await add(wire, cells)


async def replace(wire: Wire, before: Sequence[Record], after: Sequence[Record]) -> None:
    """Count `after` in the place of `before`."""
    cells: Cells = {}
    count(cells, before, times=-1)
    count(cells, after)
    await add(wire, cells)


async def add(wire: Wire, cells: Cells) -> None:
    """Rows are locked in one order, so two collectors wait for each other and never in a circle."""
    if not cells:
        return
    for grain in GRAINS:
        merged = by_start(cells, grain)
        rows = msgspec.json.encode([as_row(*key, cell) for key, cell in merged.items()]).decode()
        if grain == GRAINS[0]:
            await wire.execute(_KEEP_FLOWS, [rows])
        await wire.execute(_ADD_TO[grain], [rows])
