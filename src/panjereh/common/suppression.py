"""Which numbers of a table with totals must be left out so that no small one can be computed.

Every small number gets a rectangle: itself, another in its row, another in its column, and where
these two cross. If all four are left out, the small number could be higher by as much as the
numbers that would be lower for it allow: at least the threshold, and no total would show it. The
totals are a row and a column like others, so a total that gives a number away is left out as well.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

TOTAL = ""
Place = tuple[str, str]  # row and column


class CannotProtect(Exception):
    """So little was counted that nothing can be told at all."""


def with_totals(counts: Mapping[Place, int]) -> dict[Place, int]:
    """Zeros are left out: what is not there is known to be nothing."""
    table: defaultdict[Place, int] = defaultdict(int)
    for (row, column), count in counts.items():
        for place in ((row, column), (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            table[place] += count
    return {place: count for place, count in table.items() if count}


def suppressed(table: Mapping[Place, int], threshold: int) -> set[Place]:
    """`table` comes with its totals. Raises `CannotProtect`."""
    hidden = {place for place, count in table.items() if count < threshold}
    rows, columns = _neighbours(table)
    for place in sorted(hidden, key=lambda place: (-table[place], place)):
        hidden |= _cheapest_cover(table, hidden, place, threshold, rows, columns)
    return hidden


def _neighbours(
    table: Mapping[Place, int],
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    """The columns in each row, and the rows in each column."""
    rows: defaultdict[str, list[str]] = defaultdict(list)
    columns: defaultdict[str, list[str]] = defaultdict(list)
    for row, column in sorted(table):
        rows[row].append(column)
        columns[column].append(row)
    return rows, columns


def _cheapest_cover(
    table: Mapping[Place, int],
    hidden: set[Place],
    place: Place,
    threshold: int,
    rows: Mapping[str, list[str]],
    columns: Mapping[str, list[str]],
) -> set[Place]:
    """The rectangle that costs the public the least."""
    fitting = [
        cover
        for cover in _rectangles(table, place, rows, columns)
        if _leeway(table, place, cover) >= threshold
    ]
    if not fitting:
        raise CannotProtect(place)
    return min(fitting, key=lambda cover: sum(table[p] for p in cover - hidden))


def _rectangles(
    table: Mapping[Place, int],
    place: Place,
    rows: Mapping[str, list[str]],
    columns: Mapping[str, list[str]],
) -> Iterator[set[Place]]:
    row, column = place
    for other_column in rows[row]:
        for other_row in columns[column]:
            across = (other_row, other_column)
            if other_column != column and other_row != row and across in table:
                yield {place, (row, other_column), (other_row, column), across}


def _leeway(table: Mapping[Place, int], place: Place, cover: set[Place]) -> float:
    """How much higher the number at `place` could be for all that can be seen. What is left out is
    known to be one at least; the numbers that would be lower for it set the limit."""
    lower = [table[p] - 1 for p in cover if _direction(p) * _turn(p, place) * _direction(place) < 0]
    return min(lower, default=float("inf"))


def _direction(place: Place) -> int:
    """A total stands on the other side of its equation than what it is the total of."""
    return -1 if (place[0] == TOTAL) != (place[1] == TOTAL) else 1


def _turn(corner: Place, place: Place) -> int:
    """Around a rectangle one goes up, the next goes down."""
    return 1 if (corner[0] == place[0]) == (corner[1] == place[1]) else -1
