"""How often something may be tried: counted first, judged after, in one statement."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from panjereh.common import clock
from panjereh.sso.digests import keyed

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_COUNT = """
    INSERT INTO sso_counter (name, count, expires_at) VALUES (%s, 1, %s)
    ON CONFLICT (name) DO UPDATE SET count = sso_counter.count + 1 RETURNING count
"""


@dataclass(frozen=True)
class Limit:
    """At most `most` of `what` for one subject in a window; the subject is kept as a digest."""

    what: str
    subject: str
    window: timedelta
    most: int


class LimitReached(Exception):
    """Too often; the same may be tried again after `retry_in`."""

    def __init__(self, what: str, retry_in: timedelta) -> None:
        super().__init__(what)
        self.what, self.retry_in = what, retry_in


def spend(*limits: Limit) -> None:
    """Count one try, limit by limit. Parallel tries cannot pass: each gets its own number.

    Put what the trier cannot change first (the address), so that a flood from one place does not
    use up the tries of the person it aims at.
    """
    now = clock.now()
    for limit in limits:
        wait = _over(limit, now)
        if wait is not None:
            raise LimitReached(limit.what, wait)


def _over(limit: Limit, now: datetime) -> timedelta | None:
    size = int(limit.window.total_seconds())
    start = int(now.timestamp()) // size * size
    end = datetime.fromtimestamp(start + size, UTC)
    name = f"{limit.what}:{keyed('limit', limit.subject)}:{size}:{start}"
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [name, end])
        count: int = cursor.fetchone()[0]
    return end - now if count > limit.most else None
