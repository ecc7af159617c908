"""Background work of the sign-on."""

import asyncio
from datetime import datetime

from django.db import connection

from panjereh.common import clock
from panjereh.sso.background import repeat_apart
from panjereh.sso.policy import policy
from panjereh.sso.sessions.telling import tell_due

POLL_SECONDS = 1.0
SWEEP_SECONDS = 60.0
SWEPT_AT_ONCE = 1000

_SWEEP = "DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE {old} LIMIT %(most)s)"
_OLD = {
    "sso_journey": "expires_at < %(now)s",
    "sso_onetimecode": "expires_at < %(now)s",
    "sso_counter": "expires_at < %(now)s",
    "sso_safety_lock": "expires_at < %(now)s",
    "sso_accesstoken": "expires_at < %(now)s",
    "sso_refreshtoken": "expires_at < %(now)s",
    "sso_pushedrequest": "expires_at < %(now)s",
    "sso_seentoken": "expires_at < %(now)s",
    "sso_acting_choice": "expires_at < %(now)s",
    "sso_factors_challenge": "expires_at < %(now)s",
    "sso_factors_appdraft": "expires_at < %(now)s",
    "sso_factors_firsthalf": "expires_at < %(now)s",
    "sso_step_up_ownwish": "expires_at < %(now)s",
    "sso_factors_homeward": "expires_at < %(now)s",
    # A challenge that was signed is evidence and stays.
    "sso_signatures_remoterequest": "asked_at < %(now)s - interval '1 day'",
    "sso_signatures_challenge": "expires_at < %(now)s - interval '2 days' AND spent_at IS NULL"
    " AND NOT EXISTS (SELECT FROM sso_signatures_remoterequest r"
    " WHERE r.challenge_id = sso_signatures_challenge.id)",
    "sso_events_event": "happened_at < %(told)s",
    "sso_release": "released_at < %(shown)s",
}
# The site goes on knowing the person, and is told when something happens (SSO-24, 25).
_SWEEP_GRANTS = """
    WITH old AS (
        DELETE FROM sso_grant WHERE id IN (
            SELECT id FROM sso_grant
            WHERE issued_at < %(kept)s AND id NOT IN (SELECT grant_id FROM sso_accesstoken)
            LIMIT %(most)s
        )
        RETURNING person_id, client_id, spent_at
    ), known AS (
        INSERT INTO sso_events_acquaintance (person_id, client_id)
        SELECT DISTINCT person_id, client_id FROM old WHERE spent_at IS NOT NULL
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM old
"""


async def tell_clients(stop: asyncio.Event) -> None:
    """Deliver logout notices (SSO-14)."""
    await repeat_apart(stop, POLL_SECONDS, tell_due)


async def sweep(stop: asyncio.Event) -> None:
    """Remove what has run out."""
    await repeat_apart(stop, SWEEP_SECONDS, sweep_expired)


def sweep_expired() -> int:
    """One small batch per table, so that the tables stay free for logins."""
    now = clock.now()
    row: dict[str, datetime | int] = {
        "now": now,
        "kept": now - policy().grants_kept,
        "told": now - policy().events_kept,
        "shown": now - policy().releases_kept,
        "most": SWEPT_AT_ONCE,
    }
    swept = 0
    with connection.cursor() as cursor:
        for table, old in _OLD.items():
            cursor.execute(_SWEEP.format(table=table, old=old), row)
            swept += cursor.rowcount
        cursor.execute(_SWEEP_GRANTS, row)
        swept += int(cursor.fetchone()[0])
    return swept
