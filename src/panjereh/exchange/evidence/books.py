"""Compare the log with the books: the records that the collector keeps in the database."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from panjereh.exchange.evidence.findings import Finding
from panjereh.exchange.evidence.leaf import LeafMaker, record_of
from panjereh.exchange.evidence.spans import overlapping
from panjereh.exchange.evidence.stored import EntryPruned, StoredTree
from panjereh.exchange.evidence.tiles import WIDTH
from panjereh.exchange.models import CallRecord
from panjereh.exchange.records import Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WITHHELD = ".logging_failed."
STEP = timedelta(hours=1)


def withheld_or_first(records: Mapping[int, Record]) -> int:
    """Which entry tells the truth of a call: that its answer was withheld is told later."""
    withheld = [i for i, record in records.items() if _WITHHELD in record.error_code]
    return min(withheld or records)


def compare(tree: StoredTree, since: datetime, until: datetime) -> Iterator[Finding]:
    """Row by row, an hour at a time."""
    while since < until:
        end = min(since + STEP, until)
        yield from _compare_hour(tree, since, end)
        since = end


def _compare_hour(tree: StoredTree, since: datetime, until: datetime) -> Iterator[Finding]:
    logged = _logged(tree, since, until)
    rows = CallRecord.objects.filter(received_at__gte=since, received_at__lt=until).order_by()
    for row in rows.iterator(chunk_size=5_000):
        leaf = logged.pop(str(row.request_id), None)
        if leaf is None:
            yield Finding("unlogged", str(row.request_id))
        elif names := [name for name in Record.__struct_fields__ if _differs(row, leaf, name)]:
            yield Finding("altered", str(row.request_id), ", ".join(names))
    for request_id in logged:
        yield Finding("deleted", request_id)


def _logged(tree: StoredTree, since: datetime, until: datetime) -> dict[str, Record]:
    first, last = microseconds(since), microseconds(until)
    found: dict[str, dict[int, Record]] = {}
    for bundle in overlapping(tree.folder, tree.size, first, last - 1):
        for place, entry in enumerate(_kept(tree, bundle), bundle * WIDTH):
            record = record_of(entry) if place < tree.size else None
            if record and first <= record.received_at < last:
                found.setdefault(record.request_id, {})[place] = record
    return {name: records[withheld_or_first(records)] for name, records in found.items()}


def _kept(tree: StoredTree, bundle: int) -> list[bytes]:
    try:
        return tree.bundle(bundle)
    except EntryPruned:
        return []


def _differs(row: CallRecord, leaf: Record, name: str) -> bool:
    return bool(_fact(row, name) != getattr(leaf, name))


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def leaves_of_books(maker: LeafMaker) -> Callable[[int, int], Iterator[bytes]]:
    """The leaves that the rows give, for `rebuild`."""

    def leaves(first: int, last: int) -> Iterator[bytes]:
        rows = CallRecord.objects.order_by()
        if last < 2**62:
            since, until = _moment(first), _moment(last)
            rows = rows.filter(received_at__gte=since, received_at__lte=until)
        for row in rows.iterator(chunk_size=5_000):
            yield maker.of_record(_record(row)).entry

    return leaves


def _record(row: CallRecord) -> Record:
    return Record(**{name: _fact(row, name) for name in Record.__struct_fields__})


def _fact(row: CallRecord, name: str) -> Any:
    """The value as the gateway wrote it."""
    value = getattr(row, name)
    if isinstance(value, datetime):
        return microseconds(value)
    return str(value) if isinstance(value, UUID) else value


def _moment(microseconds_: int) -> datetime:
    return _EPOCH + microseconds_ * _MICROSECOND
