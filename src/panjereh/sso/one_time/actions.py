"""Issue a one-time code and redeem it (SSO-05)."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from panjereh.common import clock
from panjereh.sso.digests import keyed
from panjereh.sso.policy import policy

Purpose = Literal["login", "registration", "mandate", "number"]
Verdict = Literal["right", "wrong", "exhausted", "expired", "used"]

_ISSUE = """
    INSERT INTO sso_onetimecode (name, digest, guesses, sent_at, expires_at)
    VALUES (%(name)s, %(digest)s, 0, %(now)s, %(expires)s)
    ON CONFLICT (name) DO UPDATE
    SET digest = EXCLUDED.digest, guesses = 0, sent_at = EXCLUDED.sent_at,
        expires_at = EXCLUDED.expires_at, spent_at = NULL
"""
_GUESS = """
    UPDATE sso_onetimecode SET guesses = least(guesses + 1, 30000) WHERE name = %s
    RETURNING guesses, digest, expires_at, spent_at
"""
_SPEND = """
    UPDATE sso_onetimecode SET spent_at = %s
    WHERE name = %s AND digest = %s AND spent_at IS NULL RETURNING 1
"""


@dataclass(frozen=True)
class Holder:
    """Whose code it is: it opens nothing for anybody else, nor at another number."""

    national_id: str
    mobile: str


@dataclass(frozen=True)
class Tried:
    """`missed`: the guess was compared and is not the code."""

    verdict: Verdict
    missed: bool = False


def issue_code(*, journey: UUID, purpose: Purpose, holder: Holder) -> str:
    """A new code for this journey, purpose and holder; an earlier one stops working."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    now = clock.now()
    row: dict[str, str | datetime] = {
        "name": _name(journey, purpose),
        "digest": _digest(journey, purpose, holder, code),
        "now": now,
        "expires": now + policy().one_time,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ISSUE, row)
    return code


def redeem_code(*, journey: UUID, purpose: Purpose, holder: Holder, guess: str) -> Verdict:
    return try_code(journey=journey, purpose=purpose, holder=holder, guess=guess).verdict


def try_code(*, journey: UUID, purpose: Purpose, holder: Holder, guess: str) -> Tried:
    """Count the guess, then compare: a hundred parallel guesses are a hundred guesses.

    Each statement commits by itself, so no later error gives the guess back.
    """
    name, now = _name(journey, purpose), clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_GUESS, [name])
        row = cursor.fetchone()
        if row is None:
            return Tried("expired")
        guesses, digest, expires_at, spent_at = row
        if spent_at is not None:
            return Tried("used")
        if expires_at <= now:
            return Tried("expired")
        if guesses > policy().one_time_guesses:
            return Tried("exhausted")
        if not hmac.compare_digest(digest, _digest(journey, purpose, holder, guess)):
            last = guesses == policy().one_time_guesses
            return Tried("exhausted" if last else "wrong", missed=True)
        cursor.execute(_SPEND, [now, name, digest])
        return Tried("right" if cursor.fetchone() else "used")


def _name(journey: UUID, purpose: Purpose) -> str:
    return f"{journey}:{purpose}"


def _digest(journey: UUID, purpose: Purpose, holder: Holder, code: str) -> str:
    return keyed("one-time-code", str(journey), purpose, holder.national_id, holder.mobile, code)
