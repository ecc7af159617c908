"""What may be presented once: the `jti` of client assertions and of DPoP proofs."""

from datetime import datetime
from typing import Any

from django.db import connection

from panjereh.sso.digests import sha256

# The table is unlogged, so a crash of the database empties it. What was made before the database
# started may have been in it and is refused: a crash must not let an old token live again. Times in
# a JWT are cut to seconds, so in its first second a database refuses new ones, too; their client
# makes another one.
_TAKE = """
    INSERT INTO sso_seentoken (digest, expires_at)
    SELECT %(digest)s, %(until)s
    WHERE %(made_at)s > pg_postmaster_start_time()
    ON CONFLICT DO NOTHING RETURNING 1
"""


def first_use(*parts: str, made_at: datetime, until: datetime) -> bool:
    """False when it was presented before, or may have been. `until`: it is refused later anyway."""
    digest = sha256("\x1f".join(parts))
    row: dict[str, Any] = {"digest": digest, "made_at": made_at, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, row)
        return cursor.fetchone() is not None
