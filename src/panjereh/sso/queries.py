"""Numbers for reports: how many are registered, at which level, and through which door."""

from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from panjereh.sso.models import Grant, Person

_BY_HIGHEST_LEVEL = """
    SELECT highest, count(*) FROM (
        SELECT max(a.level) AS highest
        FROM sso_attainedlevel a JOIN sso_person p ON p.id = a.person_id
        WHERE a.attained_at < %(end)s AND (p.closed_at IS NULL OR p.closed_at >= %(end)s)
        GROUP BY a.person_id
    ) AS people GROUP BY highest ORDER BY highest
"""


def registered_on(day: date) -> int:
    """People with an account at the end of the day (SSO-26)."""
    end = _end_of(day)
    open_then = Q(closed_at=None) | Q(closed_at__gte=end)
    return Person.objects.filter(open_then, registered_at__lt=end).count()


def registered_by_level(day: date) -> dict[int, int]:
    """People by the highest level they had reached at the end of the day (SSO-26)."""
    end = _end_of(day)
    with connection.cursor() as cursor:
        cursor.execute(_BY_HIGHEST_LEVEL, {"end": end})
        return dict(cursor.fetchall())


def registrations_by_entry(first: date, last: date) -> dict[str, int]:
    """Registrations per client that sent the person here; "" is our own door (SSO-28)."""
    rows = (
        Person.objects.filter(registered_at__gte=_start_of(first), registered_at__lt=_end_of(last))
        .values_list("registered_through")
        .annotate(people=Count("id"))
    )
    return dict(rows)


def logins_by_entry(first: date, last: date) -> dict[str, int]:
    """Sign-ins handed to each client, silent ones included (SSO-28)."""
    rows = (
        Grant.objects.filter(
            issued_at__gte=_start_of(first), issued_at__lt=_end_of(last), spent_at__isnull=False
        )
        .values_list("client_id")
        .annotate(times=Count("id"))
    )
    return dict(rows)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _end_of(day: date) -> datetime:
    return _start_of(day + timedelta(days=1))
