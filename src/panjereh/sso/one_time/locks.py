"""After wrong codes in a row nobody may try for a while, each time twice as long.

Whose tries count together is the caller's choice: strangers lock out strangers, never the browser
that the account knows. What is tried while it is locked does not count, so a flood adds nothing.
"""

from datetime import datetime

from django.db import connection

from panjereh.common import clock
from panjereh.sso.digests import keyed
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.policy import policy

# A row whose time is over counts like none.
_N = "CASE WHEN l.expires_at < %(now)s THEN 1 ELSE least(l.failures + 1, 30000) END"
_FAIL = f"""
    INSERT INTO sso_safety_lock AS l (name, failures, until, expires_at)
    VALUES (%(name)s, 1, %(now)s, %(forgotten)s)
    ON CONFLICT (name) DO UPDATE SET
        failures = {_N},
        until = %(now)s + make_interval(secs => CASE
            WHEN {_N} <= %(free)s THEN 0
            WHEN {_N} > %(most)s THEN %(beyond)s
            ELSE least(%(longest)s, %(first)s * power(2, {_N} - %(free)s - 1)) END),
        expires_at = EXCLUDED.expires_at
"""  # noqa: S608 - nothing of it comes from outside
_UNTIL = "SELECT until FROM sso_safety_lock WHERE name = %s AND until > %s"
_CLEAR = "DELETE FROM sso_safety_lock WHERE name = %s"


def check_lock(*subject: str) -> None:
    """Raises `LimitReached` while it is locked."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL, [_name(subject), now])
        if row := cursor.fetchone():
            raise LimitReached("lock", row[0] - now)


def count_failure(*subject: str) -> None:
    numbers, now = policy(), clock.now()
    row: dict[str, str | int | float | datetime] = {
        "name": _name(subject),
        "now": now,
        "forgotten": now + numbers.lock_forgotten,
        "free": numbers.lock_free_failures,
        "most": numbers.lock_most_failures,
        "first": numbers.lock_first.total_seconds(),
        "longest": numbers.lock_longest.total_seconds(),
        "beyond": numbers.lock_beyond.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FAIL, row)


def forgive(*subject: str) -> None:
    """The right code came: what was wrong before no longer counts."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, [_name(subject)])


def _name(subject: tuple[str, ...]) -> str:
    return keyed("lock", *subject)
