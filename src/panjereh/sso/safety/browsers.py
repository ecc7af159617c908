"""The browsers that an account knows, and telling the owner of those it did not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from panjereh.common import clock
from panjereh.sso.models import KnownBrowser
from panjereh.sso.policy import policy
from panjereh.sso.safety.notices import notify
from panjereh.sso.safety.sign_in_notices import SignInMoment, notice_of

# What was known before this arrival, and the arrival itself, in one statement.
_SEE = """
    WITH before AS (
        SELECT person_id FROM sso_knownbrowser
        WHERE browser_sha256 = %(browser)s AND last_seen_at > %(since)s
    ), seen AS (
        INSERT INTO sso_knownbrowser (person_id, browser_sha256, name, first_seen_at, last_seen_at)
        VALUES (%(person)s, %(browser)s, %(name)s, %(now)s, %(now)s)
        ON CONFLICT (person_id, browser_sha256)
        DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at, name = EXCLUDED.name
    )
    SELECT EXISTS (SELECT FROM before WHERE person_id = %(person)s),
           (SELECT count(*) FROM before WHERE person_id <> %(person)s),
           EXISTS (SELECT FROM sso_signin WHERE person_id = %(person)s)
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Somebody has arrived on a browser."""

    person_id: UUID
    browser_sha256: str
    browser: str
    suspicious: bool
    continued: bool


def note_arrival(seen: Seen) -> None:
    """Remember the browser and, if it is worth it, tell the person. In the transaction of the
    sign-in, before its line is written."""
    known, others, before = _see(seen)
    moment = SignInMoment(
        suspicious=seen.suspicious,
        continued=seen.continued,
        first=not before,
        known=known,
        shared=others >= policy().shared_browser_people,
    )
    if kind := notice_of(moment):
        notify(seen.person_id, kind, browser=seen.browser)


def _see(seen: Seen) -> tuple[bool, int, bool]:
    now = clock.now()
    row: dict[str, str | UUID | datetime] = {
        "person": seen.person_id,
        "browser": seen.browser_sha256,
        "name": seen.browser,
        "now": now,
        "since": now - policy().browser_known,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEE, row)
        known, others, before = cursor.fetchone()
    return known, others, before


def forget_browser(browser_id: int, *, actor: UUID) -> bool:
    """The next sign-in there is one on an unknown browser. False when it is not the actor's."""
    deleted, _ = KnownBrowser.objects.filter(id=browser_id, person_id=actor).delete()
    return bool(deleted)
