"""Where to look for a record: the span of receipt times of each bundle of entries.

Entries come nearly in the order of their times, so a record's time leads to a bundle or two.
`spans/0` has a row for every bundle, `spans/1` one for every 256 bundles: sixteen bytes for 256
records, and a row that a crash lost (zeros) only means that its bundle is looked into.
"""

import struct
from collections.abc import Iterator, Sequence

from panjereh.exchange.evidence.folder import Folder
from panjereh.exchange.evidence.tiles import WIDTH

_ROW = struct.Struct(">QQ")
_EMPTY = (2**64 - 1, 0)

Span = tuple[int, int]


class Spans:
    """The writer's side: rows to be written, and the unfinished one of each level."""

    def __init__(self) -> None:
        self._bundle: Span = _EMPTY
        self._group: Span = _EMPTY
        self._rows: tuple[list[Span], list[Span]] = ([], [])

    def note(self, index: int, received_at: int) -> None:
        """Call for every entry in order."""
        self._bundle = _joined(self._bundle, (received_at, received_at))
        if (index + 1) % WIDTH == 0:
            self._rows[0].append(self._bundle)
            self._group = _joined(self._group, self._bundle)
            self._bundle = _EMPTY
        if (index + 1) % (WIDTH * WIDTH) == 0:
            self._rows[1].append(self._group)
            self._group = _EMPTY

    def write(self, folder: Folder, size: int) -> None:
        for level, rows in enumerate(self._rows):
            if rows:
                first = size // WIDTH ** (level + 1) - len(rows)
                packed = b"".join(_ROW.pack(*row) for row in rows)
                folder.write_rows(_name(level), first, packed, _ROW.size)
                rows.clear()

    @classmethod
    def load(cls, folder: Folder, size: int, unfinished: Sequence[int]) -> "Spans":
        """`unfinished`: the receipt times of the entries after the last full bundle."""
        spans = cls()
        bundles = size // WIDTH
        for span in read_spans(folder, 0, bundles - bundles % WIDTH, bundles):
            spans._group = _joined(spans._group, span)
        for received_at in unfinished:
            spans._bundle = _joined(spans._bundle, (received_at, received_at))
        return spans


def overlapping(folder: Folder, size: int, first: int, last: int) -> Iterator[int]:
    """Bundles that may hold a record received from `first` to `last`, in their order."""
    bundles = size // WIDTH
    groups = bundles // WIDTH
    for group, span in enumerate(read_spans(folder, 1, 0, groups)):
        if _meet(span, first, last):
            yield from _matching(folder, group * WIDTH, (group + 1) * WIDTH, first, last)
    yield from _matching(folder, groups * WIDTH, bundles, first, last)
    if size % WIDTH:
        yield bundles


def _matching(folder: Folder, start: int, end: int, first: int, last: int) -> Iterator[int]:
    spans = read_spans(folder, 0, start, end)
    return (place for place, span in enumerate(spans, start) if _meet(span, first, last))


def read_spans(folder: Folder, level: int, first: int, last: int) -> list[Span]:
    """The rows from `first` to before `last`; a lost one is as wide as can be."""
    data = _read_rows(folder, level, first, last)
    spans: list[Span] = [_ROW.unpack(row) for row in data]
    return [span if span != (0, 0) else (0, 2**64 - 1) for span in spans]


def _read_rows(folder: Folder, level: int, first: int, last: int) -> list[bytes]:
    path, size = folder.path / _name(level), _ROW.size
    data = b""
    if path.exists():
        with path.open("rb") as rows:
            rows.seek(first * size)
            data = rows.read((last - first) * size)
    data = data.ljust((last - first) * size, b"\0")
    return [data[i : i + size] for i in range(0, len(data), size)]


def _meet(span: Span, first: int, last: int) -> bool:
    return span[0] <= last and first <= span[1]


def _joined(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1])


def _name(level: int) -> str:
    return f"spans/{level}"
