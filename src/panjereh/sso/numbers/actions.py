"""Count days, each as a whole and as often as one likes."""

from datetime import date

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone

from panjereh.common import clock
from panjereh.sso.models import Person
from panjereh.sso.numbers.days import ONE_DAY, Span, days, today
from panjereh.sso.numbers.models import Change, CountedDay, Entry
from panjereh.sso.numbers.rows import changes_in, entries_in
from panjereh.sso.policy import policy

AT_ONCE = 31
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('sso_numbers'))"


def count_due() -> int:
    """Days that are over and were not counted, and young ones anew, for rows that came late.
    Returns how many were counted for the first time."""
    fresh = uncounted()[:AT_ONCE]
    for day in (*fresh, *_to_count_anew()):
        count_day(day)
    return len(fresh)


def count_day(day: date) -> None:
    """Instead of what was counted before, in one transaction: a worker that dies leaves all of
    the earlier count, or nothing."""
    span = Span(day, day)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        Change.objects.filter(day=day).delete()
        Entry.objects.filter(day=day).delete()
        Change.objects.bulk_create(Change(day=day, **vars(row)) for row in changes_in(span))
        Entry.objects.bulk_create(Entry(day=day, **vars(row)) for row in entries_in(span))
        CountedDay.objects.update_or_create(day=day, defaults={"counted_at": clock.now()})


def uncounted() -> list[date]:
    """Oldest first; the running day is not over."""
    first = _first_day()
    if first is None:
        return []
    counted = set(CountedDay.objects.values_list("day", flat=True))
    return [day for day in days(first, today() - ONE_DAY) if day not in counted]


def _first_day() -> date | None:
    """Known once something is counted: looking for it goes through all accounts."""
    if known := CountedDay.objects.order_by("day").first():
        return known.day
    found = Person.objects.aggregate(first=Min("registered_at"))["first"]
    return timezone.localdate(found) if found else None


def _to_count_anew() -> list[date]:
    """Until a day is some days old, every hour."""
    now = clock.now()
    young = today() - policy().numbers_settle
    found = CountedDay.objects.filter(
        day__gte=young, counted_at__lt=now - policy().numbers_counted_anew
    )
    return list(found.values_list("day", flat=True))
