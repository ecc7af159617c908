"""What an authenticator has to sign: made here, kept here, good once, in one browser."""

import os
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from panjereh.common import clock
from panjereh.sso.policy import policy

CHALLENGE_BYTES = 32
Purpose = Literal["sign-in", "add"]

_ISSUE = """
    INSERT INTO sso_factors_challenge (name, challenge, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (name) DO UPDATE
    SET challenge = EXCLUDED.challenge, expires_at = EXCLUDED.expires_at
"""
_SPEND = """
    DELETE FROM sso_factors_challenge WHERE name = %s RETURNING challenge, expires_at
"""


def issue_challenge(purpose: Purpose, whose: UUID) -> bytes:
    """For one journey (bound to its browser) or one session; an earlier one stops working."""
    challenge = os.urandom(CHALLENGE_BYTES)
    with connection.cursor() as cursor:
        expires = clock.now() + policy().passkey_challenge
        cursor.execute(_ISSUE, [f"{purpose}:{whose}", challenge, expires])
    return challenge


def spend_challenge(purpose: Purpose, whose: UUID) -> bytes | None:
    """One of many parallel uses gets it. It commits by itself: no later error gives it back."""
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, [f"{purpose}:{whose}"])
        row: tuple[bytes, datetime] | None = cursor.fetchone()
    if row is None or row[1] <= clock.now():
        return None
    return bytes(row[0])
