"""Publish a month once, when its numbers stand."""

import hashlib
from datetime import date, timedelta

import msgspec

from panjereh.common import clock
from panjereh.sso.numbers.actions import uncounted
from panjereh.sso.numbers.days import ONE_DAY, today
from panjereh.sso.numbers.models import PublishedMonth
from panjereh.sso.numbers.open_data.tables import cells_of_month
from panjereh.sso.policy import policy
from panjereh.ui.jalali import from_jalali, to_jalali


def publish_due() -> int:
    """The newest Jalali month that is over and settled. Returns 0: the worker may rest."""
    year, number, _ = to_jalali(today() - policy().numbers_settle)
    month = code_of(*((year, number - 1) if number > 1 else (year - 1, 12)))
    _, last = days_of(month)
    if not any(day <= last for day in uncounted()):
        publish_month(month)
    return 0


def publish_month(month: str) -> PublishedMonth:
    known = PublishedMonth.objects.filter(month=month).first()
    if known:
        return known
    tables = msgspec.json.encode(cells_of_month(*days_of(month))).decode()
    made, _ = PublishedMonth.objects.get_or_create(
        month=month,
        defaults={
            "tables": tables,
            "digest": hashlib.sha256(tables.encode()).hexdigest(),
            "published_at": clock.now(),
        },
    )
    return made


def code_of(year: int, number: int) -> str:
    return f"{year}-{number:02d}"


def days_of(month: str) -> tuple[date, date]:
    """The first and the last one."""
    year, _, number = month.partition("-")
    first = from_jalali(int(year), int(number), 1)
    later = to_jalali(first + timedelta(days=31))
    return first, from_jalali(later[0], later[1], 1) - ONE_DAY
