"""Reports of a Jalali month or year for each party, as pages, CSV and JSON (NIX-25, 26, 37, 38)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from panjereh.exchange.models import Member, Service
from panjereh.exchange.monitoring.boards import services_of
from panjereh.exchange.monitoring.figures import SUMS, Figures, Selection, figures
from panjereh.exchange.monitoring.live import promised_milliseconds
from panjereh.exchange.monitoring.names import Name, Names
from panjereh.exchange.monitoring.periods import Period

QUANTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99}


@dataclass(frozen=True)
class Line:
    """Calls of one consumer to one service."""

    consumer: str
    provider: str
    service: str
    figures: Figures
    consumer_name: Name | str
    service_name: Name | str
    promise: float | None = None  # milliseconds; none for a service that is gone

    @property
    def service_id(self) -> str:
        return _service_id(self.provider, self.service)

    @property
    def kept_promise(self) -> float | None:
        return self.figures.kept_promise(self.promise) if self.promise else None

    def as_row(self) -> dict[str, Any]:
        """One row of the files; what cannot be told is empty."""
        kept = self.kept_promise
        return {
            "consumer": self.consumer,
            "consumer_name_fa": _persian(self.consumer_name),
            "service": self.service_id,
            "service_name_fa": _persian(self.service_name),
            **{name: getattr(self.figures, name) for name in SUMS},
            **{name: _rounded(self.figures.quantile(at), 1) for name, at in QUANTILES.items()},
            "promise_ms": self.promise,
            "kept_promise": _rounded(kept, 4),
        }


@dataclass(frozen=True)
class MemberReport:
    member: Member
    period: Period
    provided: list[Line]
    consumed: list[Line]

    @property
    def provided_total(self) -> Figures:
        return summed(self.provided)

    @property
    def consumed_total(self) -> Figures:
        return summed(self.consumed)


def member_report(member: Member, period: Period, known: Names) -> MemberReport:
    return MemberReport(
        member,
        period,
        provided=lines_of(period.selection(provider=member.x_road_id), known),
        consumed=lines_of(period.selection(consumer=member.x_road_id), known),
    )


def lines_of(selection: Selection, known: Names) -> list[Line]:
    """The busiest first."""
    promises = {s.x_road_id: promised_milliseconds(s) for s in services_of()}
    found = []
    for (consumer, provider, service), counted in figures(
        selection, "consumer", "provider", "service"
    ).items():
        name = _service_id(provider, service)
        named = known.of(consumer), known.of(name)
        found.append(Line(consumer, provider, service, counted, *named, promises.get(name)))
    return sorted(found, key=lambda line: (-line.figures.calls, line.consumer, line.service_id))


def summed(lines: Iterable[Line]) -> Figures:
    total = Figures()
    for line in lines:
        total.add(line.figures)
    return total


@dataclass(frozen=True)
class Duty:
    """How a provider answered online what it was asked, and within its promise (NIX-38)."""

    provider: str
    name: Name | str
    services: int
    figures: Figures
    kept_promise: float | None

    @property
    def answered_online(self) -> float | None:
        """Of what reached it; the consumers' own mistakes are none of its own."""
        share = self.figures.provider_failure_share
        return None if share is None else 1 - share


def duties(lines: Sequence[Line], services: Iterable[Service], known: Names) -> list[Duty]:
    """Every provider with a service, those that answered worst first; then those never asked."""
    offered: dict[str, int] = {}
    for service in services:
        system = service.system.x_road_id
        offered[system] = offered.get(system, 0) + 1
    found = [_duty(system, number, lines, known) for system, number in offered.items()]
    return sorted(found, key=lambda d: (d.answered_online is None, d.answered_online, d.provider))


def _duty(system: str, services: int, lines: Sequence[Line], known: Names) -> Duty:
    own = [line for line in lines if line.provider == system]
    asked = [line for line in own if line.kept_promise is not None]
    number = sum(line.figures.reached for line in asked)
    kept = sum((line.kept_promise or 0) * line.figures.reached for line in asked)
    return Duty(system, known.of(system), services, summed(own), kept / number if number else None)


def as_csv(lines: Iterable[Line]) -> str:
    """With the mark by which spreadsheets know UTF-8, for names are Persian."""
    rows = [line.as_row() for line in lines]
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else ["consumer", "service"])
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def as_data(report: MemberReport) -> dict[str, Any]:
    return {
        "member": report.member.x_road_id,
        "month": report.period.code,
        "since": report.period.since,
        "until": report.period.until,
        "provided": [line.as_row() for line in report.provided],
        "consumed": [line.as_row() for line in report.consumed],
    }


def _service_id(provider: str, service: str) -> str:
    """Calls that named no known service have only a provider, or not even that."""
    return f"{provider}/{service}" if service else provider


def _cell(value: Any) -> Any:
    """A spreadsheet must not take a name for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _persian(name: Name | str) -> str:
    return name if isinstance(name, str) else name["fa"]


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
