"""Counts added up for whoever asks: all traffic, a member's, a service's; over any time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import connection

from panjereh.exchange.monitoring import histogram

Grain = Literal["minute", "hour", "day"]
Key = tuple[Any, ...]
CAUSES = ("consumer", "gateway", "provider")
SUMS = (
    "calls",
    "failed_consumer",
    "failed_gateway",
    "failed_provider",
    "unanswered",
    "request_bytes",
    "response_bytes",
    "cut_fields",
)
# What figures can be told apart by. A member is all but the last part of a system's X-Road id.
DIMENSIONS = {
    "at": "r.at",
    "consumer": "f.consumer",
    "provider": "f.provider",
    "service": "f.service",
    "grant": "f.grant_id",
    "bus": "f.bus",
    "consuming_member": "regexp_replace(f.consumer, '/[^/]*$', '')",
    "providing_member": "regexp_replace(f.provider, '/[^/]*$', '')",
}


@dataclass(frozen=True)
class Selection:
    """Which traffic. Empty means any; a member's X-Road id means all of its systems."""

    since: datetime
    until: datetime
    grain: Grain = "hour"
    consumer: str = ""
    provider: str = ""
    service: str = ""
    party: str = ""  # consumer or provider, whichever


@dataclass
class Figures:
    """Durations are milliseconds; shares are parts of one, None when there is nothing to share."""

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

    @property
    def failed(self) -> int:
        return self.failed_consumer + self.failed_gateway + self.failed_provider

    @property
    def answered(self) -> int:
        return self.calls - self.failed

    @property
    def answered_share(self) -> float | None:
        return self.answered / self.calls if self.calls else None

    @property
    def reached(self) -> int:
        """Calls that the provider alone could spoil: neither refused nor the exchange's fault."""
        return self.answered + self.failed_provider

    @property
    def provider_failure_share(self) -> float | None:
        """The consumer's own mistakes are none of the provider's (indicator Q1)."""
        return self.failed_provider / self.reached if self.reached else None

    def quantile(self, share: float) -> float | None:
        return histogram.quantile(self.provider_durations, share)

    @property
    def p50(self) -> float | None:
        return self.quantile(0.5)

    @property
    def p90(self) -> float | None:
        return self.quantile(0.9)

    @property
    def p99(self) -> float | None:
        return self.quantile(0.99)

    def kept_promise(self, milliseconds: float) -> float | None:
        """Share answered within the time: a call without an answer has not kept it."""
        within = histogram.share_within(self.provider_durations, milliseconds)
        answers = sum(self.provider_durations)
        if not answers + self.unanswered:
            return None
        return (within or 0.0) * answers / (answers + self.unanswered)

    def add(self, other: "Figures") -> None:
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("durations", "provider_durations"):
            counts, more = getattr(self, name), getattr(other, name)
            counts.extend([0] * (len(more) - len(counts)))
            for index, number in enumerate(more):
                counts[index] += number


def total(selection: Selection) -> Figures:
    return figures(selection).get((), Figures())


def figures(selection: Selection, *by: str) -> dict[Key, Figures]:
    """Figures for each value of the dimensions that they are told apart by."""
    found: dict[Key, Figures] = {}
    sums = ", ".join(f"sum(r.{name})::bigint" for name in SUMS)
    for key, counted in _grouped(selection, by, sums, ""):
        if counted[0]:
            found[key] = Figures(*counted)
    for name in ("durations", "provider_durations"):
        unnested = f"CROSS JOIN unnest(r.{name}) WITH ORDINALITY AS u(number, bucket)"
        wanted = "u.bucket, sum(u.number)::bigint"
        for key, (bucket, number) in _grouped(selection, by, wanted, unnested, "u.bucket"):
            if number and key in found:
                counts = getattr(found[key], name)
                counts.extend([0] * (bucket - len(counts)))
                counts[bucket - 1] = number
    return found


def errors(selection: Selection, *by: str) -> dict[Key, dict[tuple[str, str], int]]:
    """Failures by (cause, error code), the most frequent first."""
    unnested = "CROSS JOIN jsonb_each_text(r.errors) AS e(name, number)"
    wanted = "e.name, sum(e.number::bigint)::bigint"
    found: dict[Key, dict[tuple[str, str], int]] = {}
    rows = sorted(_grouped(selection, by, wanted, unnested, "e.name"), key=lambda row: -row[1][1])
    for key, (name, number) in rows:
        cause, _, code = name.partition(" ")
        found.setdefault(key, {})[cause, code] = number
    return found


def _grouped(
    selection: Selection, by: Sequence[str], wanted: str, more: str, *also: str
) -> Iterator[tuple[Key, Key]]:
    keys = [DIMENSIONS[name] for name in by]
    where, values = _conditions(selection)
    grouping = f"GROUP BY {', '.join([*keys, *also])}" if keys or also else ""
    query = f"""
        SELECT {", ".join([*keys, wanted])}
        FROM monitoring_{selection.grain} r JOIN monitoring_flow f ON f.id = r.flow_id {more}
        WHERE {where} {grouping}
    """  # noqa: S608 - our own names; what was asked travels as values
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        for row in cursor.fetchall():
            yield row[: len(keys)], row[len(keys) :]


def _conditions(selection: Selection) -> tuple[str, list[Any]]:
    parts = ["r.at >= %s AND r.at < %s"]
    values: list[Any] = [selection.since, selection.until]
    for name in ("consumer", "provider"):
        if wanted := getattr(selection, name):
            parts.append(_of(f"f.{name}"))
            values += [wanted, f"{wanted}/"]
    if selection.service:
        parts.append("f.service = %s")
        values.append(selection.service)
    if selection.party:
        parts.append(f"({_of('f.consumer')} OR {_of('f.provider')})")
        values += [selection.party, f"{selection.party}/"] * 2
    return " AND ".join(parts), values


def _of(column: str) -> str:
    """A system's own id, or the id of its member."""
    return f"({column} = %s OR starts_with({column}, %s))"


def minutes(past: int, now: datetime) -> Selection:
    """The past minutes, the one that has begun among them."""
    begun = now.replace(second=0, microsecond=0)
    return Selection(begun - timedelta(minutes=past - 1), begun + timedelta(minutes=1), "minute")
