"""Lists as their readers get them."""

from datetime import date

from django.db.models import Q, QuerySet

from panjereh.common.problems import Problem
from panjereh.registries.privatisation.models import EARLIER_PERIODS, Period, Row

ROWS_AT_ONCE = 1000


def current_period() -> Period | None:
    return Period.objects.order_by("-month").first()


def readable_periods() -> list[str]:
    """The current one and up to three before it."""
    newest = Period.objects.order_by("-month").values_list("month", flat=True)
    return list(newest[: EARLIER_PERIODS + 1])


def readable(month: str) -> Period:
    """Raises `Problem`. An empty month is the current one."""
    months = readable_periods()
    wanted = month or (months[0] if months else "")
    if wanted not in months:
        raise Problem(404, "period-unknown", "there is no such period to read")
    return Period.objects.get(pk=wanted)


def rows_after(period: Period, legal_id: str) -> QuerySet[Row]:
    return period.rows.filter(legal_id__gt=legal_id).order_by("legal_id")[:ROWS_AT_ONCE]


def in_force(period: Period, day: date) -> list[str]:
    """Ids of those that are under privatisation on this day (26-2-1)."""
    standing = period.rows.filter(Q(last_exit=None) | Q(last_exit__gt=day), last_entry__lte=day)
    return list(standing.order_by("legal_id").values_list("legal_id", flat=True))
