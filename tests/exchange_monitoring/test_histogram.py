"""Quantiles out of buckets lie near the true ones, and never outside of their bucket."""

import random
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as some

from panjereh.exchange.monitoring.histogram import BOUNDS, bucket, count, quantile, share_within


def counted(durations: list[int]) -> list[int]:
    counts: list[int] = []
    for one in durations:
        count(counts, one)
    return counts


@given(some.integers(0, 10**9))
def test_each_duration_has_one_bucket(microseconds: int) -> None:
    found = bucket(microseconds)

    assert found == 0 or BOUNDS[found - 1] <= microseconds
    assert found == len(BOUNDS) or microseconds < BOUNDS[found]


@pytest.mark.req("NIX-24")
@pytest.mark.parametrize("middle", [1, 4, 7])
def test_quantiles_are_within_a_fifth_of_the_true_ones(middle: int) -> None:
    dice = random.Random(middle)
    durations = [int(dice.lognormvariate(middle, 1) * 1000) for _ in range(5000)]
    counts, exact = counted(durations), quantiles(durations, n=100)

    for share in (50, 90, 99):
        found = quantile(counts, share / 100)
        assert found == pytest.approx(exact[share - 1] / 1000, rel=0.2)


@given(some.lists(some.integers(0, 10**8), min_size=1), some.floats(0.01, 1))
def test_as_many_as_the_quantile_says_stay_within_it(durations: list[int], share: float) -> None:
    counts = counted(durations)
    limit = quantile(counts, share)

    assert limit is not None
    if limit * 1000 < BOUNDS[-1]:
        within = share_within(counts, limit)
        assert within == pytest.approx(share, abs=1e-6) or (within or 0) > share


def test_where_nothing_was_measured_there_is_no_quantile() -> None:
    assert quantile([], 0.5) is None
    assert share_within([], 100) is None


def test_what_took_longer_than_all_bounds_is_told_as_the_last_bound() -> None:
    assert quantile(counted([10**9]), 0.5) == BOUNDS[-1] / 1000
    assert share_within(counted([10**9]), 1000) == 0
