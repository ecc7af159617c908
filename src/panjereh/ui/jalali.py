"""Dates as a reader writes them: Jalali in Persian, the common calendar in English."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from persiantools.jdatetime import MONTH_NAMES_EN, MONTH_NAMES_FA, JalaliDate

from panjereh.common.text import persian_digits


def in_persian() -> bool:
    return (get_language() or "fa").startswith("fa")


def month_names() -> list[str]:
    """The twelve Jalali months in the reader's letters."""
    return [str(name) for name in (MONTH_NAMES_FA if in_persian() else MONTH_NAMES_EN)[1:]]


def to_jalali(day: date) -> tuple[int, int, int]:
    """Year, month, day."""
    jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
    return jalali.year, jalali.month, jalali.day


def from_jalali(year: int, month: int, day: int) -> date:
    """Raises `ValueError` when the month has no such day."""
    found: date = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
    return found


def years_after(day: date, years: int) -> date:
    """The same Jalali day so many years later; the 30th of Esfand becomes the day behind it."""
    year, month, number = to_jalali(day)
    try:
        return from_jalali(year + years, month, number)
    except ValueError:
        return from_jalali(year + years + 1, 1, 1)


def as_date(value: date | datetime | str) -> date:
    """The day in Tehran; text is read as ISO 8601, which is what other floors send."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def as_clock(value: datetime | str) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    text = (timezone.localtime(moment) if timezone.is_aware(moment) else moment).strftime("%H:%M")
    return persian_digits(text) if in_persian() else text


def long_date(value: date | datetime | str) -> str:
    day = as_date(value)
    if not in_persian():
        return date_format(day, "j F Y")
    year, month, number = to_jalali(day)
    return persian_digits(f"{number} {MONTH_NAMES_FA[month]} {year}")
