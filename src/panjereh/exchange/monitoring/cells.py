"""Calls added up by minute and flow, in memory: what the collector counts for each batch and what
a rebuild counts again from the books, by the same lines."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone

from panjereh.exchange.monitoring import histogram
from panjereh.exchange.records import Record

MINUTE = 60_000_000  # microseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Flow(NamedTuple):
    """Between whom calls go: systems, never persons. Grant 0 means that no grant was found."""

    consumer: str
    provider: str
    service: str
    grant_id: int
    bus: str


@dataclass(slots=True)
class Cell:
    """What is told of calls when they are added up; `models.Rollup` says what each holds."""

    calls: int = 0
    failed_consumer: int = 0
    failed_gateway: int = 0
    failed_provider: int = 0
    unanswered: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    cut_fields: int = 0
    durations: list[int] = field(default_factory=list)
    provider_durations: list[int] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def count(self, record: Record, times: int) -> None:
        """`times` is -1 for a record that another one takes the place of."""
        self.calls += times
        self.request_bytes += times * record.request_size
        self.response_bytes += times * record.response_size
        self.cut_fields += times * record.cut_fields
        histogram.count(self.durations, record.finished_at - record.received_at, times)
        if record.cause:
            self._count_failure(record, times)
        if record.forwarded_at is None:
            return
        if record.answered_at is None:
            self.unanswered += times
        else:
            took = record.answered_at - record.forwarded_at
            histogram.count(self.provider_durations, took, times)

    def _count_failure(self, record: Record, times: int) -> None:
        if record.cause == "consumer":
            self.failed_consumer += times
        elif record.cause == "provider":
            self.failed_provider += times
        else:
            self.failed_gateway += times
        name = f"{record.cause} {record.error_code}"
        self.errors[name] = self.errors.get(name, 0) + times

    def merge(self, other: "Cell") -> None:
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _HISTOGRAMS:
            _merge_counts(getattr(self, name), getattr(other, name))
        for code, number in other.errors.items():
            self.errors[code] = self.errors.get(code, 0) + number


_HISTOGRAMS = ("durations", "provider_durations")
_SUMS = tuple(f.name for f in fields(Cell) if f.name not in {*_HISTOGRAMS, "errors"})
Cells = dict[tuple[int, Flow], Cell]  # minute since the epoch and flow


def count(cells: Cells, records: Iterable[Record], times: int = 1) -> None:
    for record in records:
        grant_id = record.grant_id or 0
        flow = Flow(record.consumer, record.provider, record.service, grant_id, record.bus)
        key = (record.received_at // MINUTE, flow)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Cell()
        cell.count(record, times)


class Starts(NamedTuple):
    """When the minute, hour and day of a call began."""

    minute: datetime
    hour: datetime
    day: datetime


@lru_cache(maxsize=4096)
def starts(minute: int) -> Starts:
    """Hours and days of the country: Tehran's begin at half past one of Greenwich."""
    local = (_EPOCH + timedelta(minutes=minute)).astimezone(timezone.get_default_timezone())
    return Starts(local, local.replace(minute=0), local.replace(hour=0, minute=0))


def by_start(cells: Cells, grain: str) -> dict[tuple[datetime, Flow], Cell]:
    """`grain` is minute, hour or day."""
    merged: dict[tuple[datetime, Flow], Cell] = {}
    for (minute, flow), cell in cells.items():
        merged.setdefault((getattr(starts(minute), grain), flow), Cell()).merge(cell)
    return merged


def as_row(start: datetime, flow: Flow, cell: Cell) -> dict[str, Any]:
    counted = {f.name: getattr(cell, f.name) for f in fields(Cell)}
    counted["errors"] = {code: number for code, number in cell.errors.items() if number}
    return {"at": start, **flow._asdict(), **counted}


def _merge_counts(into: list[int], other: list[int]) -> None:
    if len(other) > len(into):
        into.extend([0] * (len(other) - len(into)))
    for index, number in enumerate(other):
        into[index] += number
