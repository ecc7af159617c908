"""Times that people ask about, in hours, days and months of Tehran and of the Jalali calendar."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.common.text import persian_digits
from panjereh.exchange.monitoring.figures import Figures, Grain, Selection
from panjereh.ui import jalali

RANGES: dict[str, str | Promise] = {
    "hour": _("The past hour"),
    "day": _("The past 24 hours"),
    "week": _("The past seven days"),
    "month": _("The past 30 days"),
    "year": _("The past twelve months"),
}


@dataclass(frozen=True)
class Period:
    """A time and the points of its charts: each begins where the one before it ends."""

    code: str
    grain: Grain
    starts: tuple[datetime, ...]
    until: datetime

    @property
    def since(self) -> datetime:
        return self.starts[0]

    def selection(self, **whose: str) -> Selection:
        return Selection(self.since, self.until, self.grain, **whose)

    def by_point(self, found: Mapping[tuple[datetime], Figures]) -> list[Figures]:
        """`found` are figures told apart by `at`."""
        points = [Figures() for _ in self.starts]
        for (at,), counted in found.items():
            points[bisect_right(self.starts, at) - 1].add(counted)
        return points


def period(code: str, now: datetime) -> Period:
    """Up to now, the unfinished last point included."""
    local = timezone.localtime(now).replace(second=0, microsecond=0)
    if code == "hour":
        return _steps(code, "minute", local, timedelta(minutes=1), 60)
    if code == "week":
        return _steps(code, "hour", midnight(local), timedelta(days=1), 7)
    if code == "month":
        return _steps(code, "day", midnight(local), timedelta(days=1), 30)
    if code == "year":
        year, month, _day = jalali.to_jalali(local.date())
        begins = tuple(month_start(year, month - back) for back in range(11, -1, -1))
        return Period(code, "day", begins, month_start(year, month + 1))
    return _steps("day", "hour", local.replace(minute=0), timedelta(hours=1), 24)


def month(year: int, number: int) -> Period:
    """A Jalali month, day by day. Raises `ValueError` when there is none."""
    if not 1 <= number <= 12 or not 1300 <= year <= 1600:
        raise ValueError("no such month")
    begins, ends = month_start(year, number), month_start(year, number + 1)
    days = (ends.date() - begins.date()).days
    starts = tuple(begins + timedelta(days=day) for day in range(days))
    return Period(f"{year}-{number:02}", "day", starts, ends)


def year_of(year: int) -> Period:
    """A Jalali year, month by month. Raises `ValueError` when there is none."""
    if not 1300 <= year <= 1600:
        raise ValueError("no such year")
    starts = tuple(month_start(year, number) for number in range(1, 13))
    return Period(str(year), "day", starts, month_start(year + 1, 1))


def parse_month(text: str) -> Period:
    """1405-08. Raises `ValueError` when it is no month."""
    year, _, number = text.partition("-")
    return month(int(year), int(number))


def month_before(now: datetime) -> tuple[int, int]:
    """Year and month of the last Jalali month that is over."""
    year, number, _day = jalali.to_jalali(timezone.localtime(now).date())
    return (year, number - 1) if number > 1 else (year - 1, 12)


def month_start(year: int, number: int) -> datetime:
    """`number` may lie outside of the year: month 0 is the last one of the year before."""
    years, index = divmod(number - 1, 12)
    return _at_midnight(jalali.from_jalali(year + years, index + 1, 1))


def midnight(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def month_name(year: int, number: int) -> str:
    """آبان ۱۴۰۵, or Aban 1405."""
    text = f"{jalali.month_names()[number - 1]} {year}"
    return persian_digits(text) if jalali.in_persian() else text


def label(chosen: Period, start: datetime) -> str:
    """Below a chart's point."""
    if chosen.code in {"hour", "day"}:
        return jalali.as_clock(start)
    year, number, day = jalali.to_jalali(start.date())
    name = jalali.month_names()[number - 1]
    if len(chosen.starts) == 12:
        return month_name(year, number)
    if not jalali.in_persian():
        return f"{start:%-d %b}"
    return persian_digits(f"{day} {name}")


def _steps(code: str, grain: Grain, last: datetime, step: timedelta, count: int) -> Period:
    starts = tuple(last - step * back for back in range(count - 1, -1, -1))
    return Period(code, grain, starts, last + step)


def _at_midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
