"""What the pages show: one period, one party's traffic, told in figures, charts and lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from panjereh.exchange.models import Grant, Member, Service
from panjereh.exchange.monitoring.charts import Chart, Series, bars, lines
from panjereh.exchange.monitoring.figures import CAUSES, Figures, errors, figures, total
from panjereh.exchange.monitoring.names import Name, Names
from panjereh.exchange.monitoring.periods import Period, label
from panjereh.exchange.monitoring.words import cause_name

MOST = 10  # of a list that could be long


@dataclass(frozen=True)
class Board:
    """Traffic of a period, whosever was selected."""

    period: Period
    total: Figures
    calls: Chart
    latency: Chart
    errors: list[tuple[str, str, int]]  # cause, code, how many


def board(period: Period, **whose: str) -> Board:
    selection = period.selection(**whose)
    points = period.by_point(figures(selection, "at"))
    labels = [label(period, start) for start in period.starts]
    failures = errors(selection).get((), {})
    listed = [(cause, code, times) for (cause, code), times in failures.items()]
    return Board(
        period, total(selection), _calls(labels, points), _latency(labels, points), listed[:MOST]
    )


def _calls(labels: list[str], points: list[Figures]) -> Chart:
    answered = Series("answered", _("Answered"), [point.answered for point in points])
    failed = [
        Series(cause, cause_name(cause), [getattr(point, f"failed_{cause}") for point in points])
        for cause in CAUSES
    ]
    return bars("calls", _("Calls by outcome"), labels, [answered, *failed])


def _latency(labels: list[str], points: list[Figures]) -> Chart:
    series = [
        Series("half", _("Half of the answers within"), [point.p50 for point in points]),
        Series("most", _("Nine of ten within"), [point.p90 for point in points]),
        Series("nearly", _("99 of 100 within"), [point.p99 for point in points]),
    ]
    title = _("How long providers took, in milliseconds")
    return lines("latency", title, labels, series, "ms")


@dataclass(frozen=True)
class PartyLine:
    """One party, service or grant with its figures."""

    x_road_id: str
    name: Name | str
    figures: Figures


def by(period: Period, dimension: str, known: Names, **whose: str) -> list[PartyLine]:
    """The busiest first."""
    found = figures(period.selection(**whose), dimension)
    lines_ = [PartyLine(key[0], known.of(key[0]), counted) for key, counted in found.items()]
    return sorted(lines_, key=lambda line: (-line.figures.calls, line.x_road_id))


@dataclass(frozen=True)
class GrantUse:
    """How far a consumer used what one grant allows."""

    grant: Grant
    figures: Figures
    busiest_minute: int
    today: int

    @property
    def minute_share(self) -> float:
        return self.busiest_minute / self.grant.quota_per_minute

    @property
    def day_share(self) -> float | None:
        quota = self.grant.quota_per_day
        return self.today / quota if quota else None


def grants_in_use(period: Period, today: datetime, member: Member | None = None) -> list[GrantUse]:
    """Active grants by what was called under them, the busiest first; those without a call too."""
    whose = {"consumer": member.x_road_id} if member else {}
    counted = figures(period.selection(**whose), "grant")
    minute = _busiest_minutes(period)
    day = _calls_since(today)
    found = [
        GrantUse(
            grant,
            counted.get((grant.pk,), Figures()),
            minute.get(grant.pk, 0),
            day.get(grant.pk, 0),
        )
        for grant in _active_grants(member)
    ]
    return sorted(found, key=lambda use: -use.figures.calls)


def _active_grants(member: Member | None) -> QuerySet[Grant]:
    active = Grant.objects.filter(state=Grant.State.ACTIVE)
    if member:
        active = active.filter(consumer__member=member)
    return active.select_related("consumer__member", "service__system__member")


def _busiest_minutes(period: Period) -> Mapping[int, int]:
    return _by_grant(
        """
        SELECT grant_id, max(calls)::bigint FROM (
            SELECT f.grant_id, r.at, sum(r.calls) AS calls
            FROM monitoring_minute r JOIN monitoring_flow f ON f.id = r.flow_id
            WHERE r.at >= %s AND f.grant_id <> 0 GROUP BY 1, 2
        ) AS minutes GROUP BY 1
        """,
        period.since,
    )


def _calls_since(moment: datetime) -> Mapping[int, int]:
    return _by_grant(
        """
        SELECT f.grant_id, sum(r.calls)::bigint
        FROM monitoring_hour r JOIN monitoring_flow f ON f.id = r.flow_id
        WHERE r.at >= %s AND f.grant_id <> 0 GROUP BY 1
        """,
        moment,
    )


def _by_grant(query: str, since: datetime) -> Mapping[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(query, [since])
        return dict(cursor.fetchall())


def services_of(member: Member | None = None) -> QuerySet[Service]:
    found = Service.objects.select_related("system__member", "sheet")
    return found.filter(system__member=member) if member else found
