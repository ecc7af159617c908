"""Background work of the sign-on."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from django.db import DatabaseError, close_old_connections, connection, connections

from panjereh.common import clock
from panjereh.sso.policy import policy
from panjereh.sso.sessions.telling import tell_due

log = logging.getLogger("panjereh.sso.jobs")

Work = Callable[[], int]

POLL_SECONDS = 1.0
SWEEP_SECONDS = 60.0
SWEPT_AT_ONCE = 1000

_SWEEP = "DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE {old} LIMIT %(most)s)"
_OLD = {
    "sso_journey": "expires_at < %(now)s",
    "sso_onetimecode": "expires_at < %(now)s",
    "sso_counter": "expires_at < %(now)s",
    "sso_accesstoken": "expires_at < %(now)s",
    "sso_refreshtoken": "expires_at < %(now)s",
    "sso_pushedrequest": "expires_at < %(now)s",
    "sso_seentoken": "expires_at < %(now)s",
    "sso_grant": "issued_at < %(kept)s AND id NOT IN (SELECT grant_id FROM sso_accesstoken)",
}


async def tell_clients(stop: asyncio.Event) -> None:
    """Deliver logout notices (SSO-14)."""
    await _repeat(stop, POLL_SECONDS, tell_due)


async def sweep(stop: asyncio.Event) -> None:
    """Remove what has run out."""
    await _repeat(stop, SWEEP_SECONDS, sweep_expired)


async def _repeat(stop: asyncio.Event, seconds: float, work: Work) -> None:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "sso-jobs") as thread:
        while not stop.is_set():
            busy = await loop.run_in_executor(thread, _guarded, work)
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), seconds)
        await loop.run_in_executor(thread, connections.close_all)


def _guarded(work: Work) -> int:
    """The database may be away for a while; the work waits for it."""
    close_old_connections()
    try:
        return work()
    except DatabaseError as error:
        log.warning("sso.job.waiting error=%s", type(error).__name__)
        return 0


def sweep_expired() -> int:
    """One small batch per table, so that the tables stay free for logins."""
    now = clock.now()
    row: dict[str, datetime | int] = {
        "now": now,
        "kept": now - policy().grants_kept,
        "most": SWEPT_AT_ONCE,
    }
    swept = 0
    with connection.cursor() as cursor:
        for table, old in _OLD.items():
            cursor.execute(_SWEEP.format(table=table, old=old), row)
            swept += cursor.rowcount
    return swept
