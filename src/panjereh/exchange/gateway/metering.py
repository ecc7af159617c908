"""Metrics of one gateway for Prometheus. No label names a consumer or a person: who called what is
told by the counts of monitoring, and to whom it may be told."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from panjereh.exchange.records import Record

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_MICROSECONDS = tuple(round(second * 1e6) for second in SECONDS)
Gauge = Callable[[], float]


class Durations:
    """How many took how long: cheap to count, put into Prometheus' words when it asks."""

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.sum = 0

    def count(self, microseconds: int) -> None:
        self.counts[bisect_left(_MICROSECONDS, microseconds)] += 1
        self.sum += microseconds

    @property
    def buckets(self) -> list[tuple[str, float]]:
        below, found = 0, []
        for bound, number in zip((*SECONDS, "+Inf"), self.counts, strict=True):
            below += number
            found.append((str(bound), float(below)))
        return found


class Meter:
    """Counts in plain numbers; a call costs a microsecond or two."""

    def __init__(self, gauges: dict[str, Gauge]) -> None:
        self._gauges = gauges
        self._calls: dict[tuple[str, str, str], int] = {}
        self._provider: dict[tuple[str, str], Durations] = {}
        self._added = Durations()
        self._unknown = 0
        self._began = time.time()

    def note(self, record: Record) -> None:
        if not record.consumer:
            self._unknown += 1
            return
        key = (record.provider, record.service, record.cause or "none")
        self._calls[key] = self._calls.get(key, 0) + 1
        took = record.finished_at - record.received_at
        if record.forwarded_at is not None and record.answered_at is not None:
            theirs = record.answered_at - record.forwarded_at
            self._provider.setdefault(key[:2], Durations()).count(theirs)
            took -= theirs
        self._added.count(took)

    def collect(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "panjereh_exchange_calls",
            "Calls of known systems, by whose fault a failure was",
            labels=["provider", "service", "cause"],
            created=self._began,
        )
        for key, number in list(self._calls.items()):
            calls.add_metric(key, number)
        yield calls
        yield self._provider_seconds()
        yield HistogramMetricFamily(
            "panjereh_exchange_added_seconds",
            "What the exchange took of each call beside its provider",
            buckets=self._added.buckets,
            sum_value=self._added.sum / 1e6,
        )
        yield CounterMetricFamily(
            "panjereh_exchange_callers_refused", "Calls of nobody we know", value=self._unknown
        )
        for name, gauge in self._gauges.items():
            yield GaugeMetricFamily(f"panjereh_exchange_{name}", name, value=gauge())

    def _provider_seconds(self) -> Metric:
        found = HistogramMetricFamily(
            "panjereh_exchange_provider_seconds",
            "How long providers took",
            labels=["provider", "service"],
        )
        for key, durations in list(self._provider.items()):
            found.add_metric(key, durations.buckets, durations.sum / 1e6)
        return found
