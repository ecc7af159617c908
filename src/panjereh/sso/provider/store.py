"""Grants and tokens. What is used once is used up by one statement that commits by itself.

The statements are written out because this is the path of every login, and because the order in
them is what makes a code single-use (reference: RFC 6749 4.1.2, RFC 9700 4.5).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from panjereh.common import clock
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.models import Grant
from panjereh.sso.policy import policy

# The lock makes a sign-in and a logout at the same moment happen one after the other: either the
# logout finds this grant and revokes it, or there is no grant.
_SAVE = """
    WITH running AS (
        SELECT id FROM sso_session WHERE id = %(session_id)s AND ended_at IS NULL FOR SHARE
    )
    INSERT INTO sso_grant (
        id, code_sha256, client_id, person_id, session_id, mandate_use, redirect_uri, scope, nonce,
        code_challenge, dpop_jkt, userinfo_claims, id_token_claims, verified_claims, level, ways,
        authenticated_at, issued_at, expires_at
    )
    SELECT gen_random_uuid(), %(code)s, %(client_id)s, %(person_id)s, running.id, %(mandate_use)s,
        %(redirect_uri)s, %(scope)s, %(nonce)s, %(code_challenge)s, %(dpop_jkt)s,
        %(userinfo_claims)s, %(id_token_claims)s, %(verified_claims)s, %(level)s, %(ways)s,
        %(authenticated_at)s, %(now)s, %(expires)s
    FROM running RETURNING id
"""
_SPEND = """
    UPDATE sso_grant SET spent_at = %(now)s
    WHERE code_sha256 = %(code)s AND client_id = %(client)s
      AND spent_at IS NULL AND revoked_at IS NULL AND expires_at > %(now)s
    RETURNING *
"""
_REVOKE_REPLAYED = """
    UPDATE sso_grant SET revoked_at = coalesce(revoked_at, %(now)s)
    WHERE code_sha256 = %(code)s AND client_id = %(client)s AND spent_at IS NOT NULL
"""
_KEEP_ACCESS = """
    INSERT INTO sso_accesstoken (token_sha256, grant_id, expires_at) VALUES (%s, %s, %s)
"""
_FIND_OWNER = """
    SELECT g.id, g.client_id, g.person_id, g.session_id, g.mandate_use, g.scope, g.dpop_jkt,
        g.userinfo_claims, g.verified_claims
    FROM sso_accesstoken t
    JOIN sso_grant g ON g.id = t.grant_id
    JOIN sso_person p ON p.id = g.person_id
    WHERE t.token_sha256 = %(token)s AND t.expires_at > %(now)s
      AND g.revoked_at IS NULL AND p.closed_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """All that the token endpoint must know later about this sign-in at this client."""

    client_id: str
    person_id: UUID
    session_id: UUID
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    dpop_jkt: str
    userinfo_claims: list[str]
    id_token_claims: list[str]
    verified_claims: list[str]
    level: int
    ways: list[str]
    authenticated_at: datetime
    mandate_use: UUID | None = None

    def acting(self, use: UUID) -> "NewGrant":
        """The same sign-in, made for another."""
        return replace(self, mandate_use=use)


@dataclass(frozen=True)
class TokenOwner:
    """Whom an access token speaks of, and what was asked for. `dpop_jkt` is empty for a bearer."""

    grant_id: UUID
    client_id: str
    person_id: UUID
    session_id: UUID
    mandate_use: UUID | None
    scope: str
    dpop_jkt: str
    userinfo_claims: list[str]
    verified_claims: list[str]


class SessionEnded(Exception):
    """The person has signed out while the request was under way."""


def save_grant(grant: NewGrant) -> str:
    """Returns the code. Raises `SessionEnded`."""
    code, now = new_secret(), clock.now()
    row = vars(grant) | {"code": sha256(code), "now": now, "expires": now + policy().code}
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, row)
        if cursor.fetchone() is None:
            raise SessionEnded
    return code


def spend_code(code: str, *, client_id: str) -> Grant | None:
    """The grant of a fresh code of this client. A second use revokes what the first one gave.

    The client is part of the condition, so another one can neither use nor burn a stolen code.
    """
    key: dict[str, str | datetime] = {"code": sha256(code), "client": client_id, "now": clock.now()}
    if found := next(iter(Grant.objects.raw(_SPEND, key)), None):
        return found
    with connection.cursor() as cursor:
        cursor.execute(_REVOKE_REPLAYED, key)
    return None


def bind(grant: Grant, jkt: str) -> bool:
    """Bind what the grant gives to a key, once. False when it is bound to another one."""
    if not grant.dpop_jkt:
        Grant.objects.filter(id=grant.id).update(dpop_jkt=jkt)
        grant.dpop_jkt = jkt
    return grant.dpop_jkt == jkt


def save_access_token(grant_id: UUID, life: timedelta) -> str:
    token = new_secret()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ACCESS, [sha256(token), grant_id, clock.now() + life])
    return token


def owner_of(token: str) -> TokenOwner | None:
    """Whose token this is; None when it is unknown, expired or revoked."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_OWNER, {"token": sha256(token), "now": clock.now()})
        row = cursor.fetchone()
    return TokenOwner(*row) if row else None
