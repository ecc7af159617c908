"""Jalali months, as the list is published by."""

from datetime import date

from panjereh.ui.jalali import to_jalali


def month_of(day: date) -> str:
    year, month, _ = to_jalali(day)
    return f"{year}-{month:02}"
