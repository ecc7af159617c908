"""Background work that keeps accounts safe."""

import asyncio
import logging
from datetime import datetime, timedelta

from django.db import connection

from panjereh.common import clock
from panjereh.common.background import attempt, pause, repeat
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.models import Person
from panjereh.sso.policy import policy
from panjereh.sso.safety.changing import apply_due
from panjereh.sso.safety.closing import purge_due
from panjereh.sso.safety.delivery import deliver_due
from panjereh.sso.safety.numbers import check_number

log = logging.getLogger("panjereh.sso.numbers")

POLL_SECONDS = 1.0
SLOW_SECONDS = 30.0
LEASE = timedelta(minutes=5)

_LEASE = """
    UPDATE sso_safety_numberstanding SET due_at = %(leased)s
    WHERE person_id IN (
        SELECT n.person_id FROM sso_safety_numberstanding n
        JOIN sso_person p ON p.id = n.person_id AND p.closed_at IS NULL AND p.mobile <> ''
        WHERE n.due_at <= %(now)s AND n.suspended_at IS NULL
        ORDER BY n.due_at LIMIT %(batch)s FOR UPDATE OF n SKIP LOCKED
    )
    RETURNING person_id
"""


async def deliver_notices(stop: asyncio.Event) -> None:
    await repeat(stop, POLL_SECONDS, deliver_due)


async def look_after_accounts(stop: asyncio.Event) -> None:
    """New numbers whose days of waiting are over, and closed accounts to be forgotten."""
    await repeat(stop, SLOW_SECONDS, look_after_due)


def look_after_due() -> int:
    return apply_due() + purge_due()


async def check_numbers(stop: asyncio.Event) -> None:
    """A few each second, so that a nation is asked about once a month; while the registry is away
    the pauses grow."""
    failures = 0
    while not stop.is_set():
        answered = await attempt(check_due_numbers)
        failures = 0 if answered else failures + 1
        pauses = policy().number_check_pauses
        await pause(stop, pauses[min(failures, len(pauses)) - 1] if failures else POLL_SECONDS)


def check_due_numbers() -> bool:
    """One batch. False when the registry did not answer; the lease brings them again."""
    now = clock.now()
    row: dict[str, int | datetime] = {
        "now": now,
        "leased": now + LEASE,
        "batch": policy().number_checks_at_once,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, row)
        due = [found[0] for found in cursor.fetchall()]
    try:
        for person in Person.objects.filter(id__in=due):
            check_number(person)
    except ExchangeError as error:
        log.warning("sso.number.check_waits code=%s request=%s", error.code, error.request_id)
        return False
    return True
