"""Durations counted in fixed logarithmic buckets: sums of any rows have quantiles, and none of them
needs the calls again.

Bucket 0 ends at half a millisecond, each next one at √2 times the end before it; the last, open
one begins at 46 seconds. A list ends with its last bucket that is not empty.
"""

from bisect import bisect_right
from collections.abc import Sequence

BOUNDS = tuple(round(500 * 2 ** (step / 2)) for step in range(34))  # microseconds
MILLISECOND = 1000


def bucket(microseconds: int) -> int:
    return bisect_right(BOUNDS, microseconds)


def count(counts: list[int], microseconds: int, times: int = 1) -> None:
    found = bucket(microseconds)
    if found >= len(counts):
        counts.extend([0] * (found + 1 - len(counts)))
    counts[found] += times


def quantile(counts: Sequence[int], share: float) -> float | None:
    """Milliseconds that this share of the durations stays within; None when there is none."""
    wanted, below = sum(counts) * share, 0.0
    for index, number in enumerate(counts):
        if number and below + number >= wanted:
            return _point(index, (wanted - below) / number) / MILLISECOND
        below += number
    return None


def share_within(counts: Sequence[int], milliseconds: float) -> float | None:
    """Which share of the durations stays within these milliseconds; None when there is none."""
    total = sum(counts)
    if not total:
        return None
    limit = milliseconds * MILLISECOND
    found = bucket(int(limit))
    inside = counts[found] * _position(found, limit) if found < len(counts) else 0.0
    return (sum(counts[:found]) + inside) / total


def _edges(index: int) -> tuple[float, float]:
    """The open bucket has no end: it is told as its beginning."""
    lower = BOUNDS[index - 1] if index else 0.0
    return lower, BOUNDS[index] if index < len(BOUNDS) else lower


def _point(index: int, part: float) -> float:
    """Within a bucket durations are taken as spread evenly."""
    lower, upper = _edges(index)
    return lower + (upper - lower) * part


def _position(index: int, microseconds: float) -> float:
    lower, upper = _edges(index)
    return (microseconds - lower) / (upper - lower) if upper > lower else 0.0
