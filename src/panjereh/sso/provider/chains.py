"""Refresh tokens: a chain in which every link is used once, until its session ends."""

from typing import Any
from uuid import UUID

from django.db import connection

from panjereh.common import clock
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.models import Grant, RefreshToken
from panjereh.sso.policy import policy

_KEEP = "INSERT INTO sso_refreshtoken (token_sha256, grant_id, expires_at) VALUES (%s, %s, %s)"
# An idle session is no reason to refuse: the program that asks is what keeps working for the
# person. A session that was ended, or has reached its cap, is.
_USE = """
    UPDATE sso_refreshtoken t SET used_at = %(now)s
    FROM sso_grant g
    JOIN sso_session s ON s.id = g.session_id
    JOIN sso_person p ON p.id = g.person_id
    WHERE t.token_sha256 = %(token)s AND g.id = t.grant_id AND g.client_id = %(client)s
      AND t.used_at IS NULL AND t.expires_at > %(now)s AND g.revoked_at IS NULL
      AND s.ended_at IS NULL AND p.closed_at IS NULL
    RETURNING g.*
"""
_REVOKE_REUSED = """
    UPDATE sso_grant g SET revoked_at = coalesce(g.revoked_at, %(now)s)
    FROM sso_refreshtoken t
    WHERE t.token_sha256 = %(token)s AND g.id = t.grant_id AND g.client_id = %(client)s
      AND t.used_at IS NOT NULL
"""
_REVOKE = """
    UPDATE sso_grant g SET revoked_at = coalesce(g.revoked_at, %(now)s)
    WHERE g.client_id = %(client)s AND g.id IN (
        SELECT grant_id FROM sso_refreshtoken WHERE token_sha256 = %(token)s
        UNION SELECT grant_id FROM sso_accesstoken WHERE token_sha256 = %(token)s
    )
"""


def new_link(grant: Grant) -> str:
    """The next token of the chain. None of them outlives the session's cap."""
    token = new_secret()
    expires = grant.authenticated_at + policy().session_cap
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [sha256(token), grant.id, expires])
    return token


def mandate_use_of(token: str, *, client_id: str) -> UUID | None:
    """Whether this link is of somebody who acts for another; it is not used up by asking."""
    link = RefreshToken.objects.filter(
        token_sha256=sha256(token), grant__client_id=client_id, used_at=None
    )
    return link.values_list("grant__mandate_use", flat=True).first()


def use_link(token: str, *, client_id: str) -> Grant | None:
    """The grant of a fresh token of this client. A second use ends the whole chain."""
    key: dict[str, Any] = {"token": sha256(token), "client": client_id, "now": clock.now()}
    if found := next(iter(Grant.objects.raw(_USE, key)), None):
        return found
    with connection.cursor() as cursor:
        cursor.execute(_REVOKE_REUSED, key)
    return None


def revoke(token: str, *, client_id: str) -> None:
    """End the grant of an access or refresh token of this client (RFC 7009)."""
    key: dict[str, Any] = {"token": sha256(token), "client": client_id, "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_REVOKE, key)
