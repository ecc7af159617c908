"""Back-channel logout (OpenID Connect Back-Channel Logout 1.0): tell clients until they know.

A notice is leased, sent without a transaction around it, and marked; a worker that dies in between
leaves a lease that runs out, so the client is told again.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from joserfc import jwt

from panjereh.common import clock
from panjereh.sso.digests import new_secret
from panjereh.sso.models import LogoutNotice, RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider.keys import signing_key
from panjereh.sso.relying_parties.queries import names, relying_party
from panjereh.sso.sessions.calling import client_for
from panjereh.sso.sessions.sending import send_each

log = logging.getLogger("panjereh.sso.logout")

BATCH = 16
LEASE = timedelta(seconds=30)
TIMEOUT = timedelta(seconds=5)
EVENT = "http://schemas.openid.net/event/backchannel-logout"

_LEASE = """
    UPDATE sso_logoutnotice SET next_try_at = %(leased)s, tries = tries + 1
    WHERE id IN (
        SELECT id FROM sso_logoutnotice
        WHERE next_try_at <= %(now)s AND delivered_at IS NULL AND given_up_at IS NULL
        ORDER BY next_try_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    RETURNING id, client_id, subject, session, created_at, tries
"""


@dataclass(frozen=True)
class Notice:
    id: UUID
    client_id: str
    subject: str
    session: UUID
    created_at: datetime
    tries: int


def tell_due() -> int:
    return send_each(_lease(), _send, _mark)


def _lease() -> list[Notice]:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, {"now": now, "leased": now + LEASE, "batch": BATCH})
        return [Notice(*row) for row in cursor.fetchall()]


def _send(notice: Notice) -> str:
    """Empty when the client has taken it; else what stood in the way."""
    party = _party(notice.client_id)
    if party is None or not party.backchannel_logout_uri:
        return "closed"
    return _post(party, logout_token(notice, party))


def _party(client_id: str) -> RelyingParty | None:
    """Also one that was closed since: its people are to be signed out there."""
    return relying_party(client_id) or names({client_id}).get(client_id)


def logout_token(notice: Notice, party: RelyingParty) -> str:
    now = int(clock.now().timestamp())
    claims = {
        "iss": settings.ISSUER,
        "aud": party.client_id,
        "iat": now,
        "exp": now + int(policy().logout_token.total_seconds()),
        "jti": new_secret(),
        "sub": notice.subject,
        "sid": str(notice.session),
        "events": {EVENT: {}},
    }
    key = signing_key(party.id_token_alg)
    header = {"alg": party.id_token_alg, "kid": key.kid, "typ": "logout+jwt"}
    return jwt.encode(header, claims, key, [party.id_token_alg])


def _post(party: RelyingParty, token: str) -> str:
    uri = party.backchannel_logout_uri
    with client_for(uri, TIMEOUT) as client:
        response = client.post(uri).form({"logout_token": token}).build().send()
        return "" if response.status in (200, 204) else f"status-{response.status}"


def _mark(notice: Notice, outcome: str) -> None:
    now = clock.now()
    row = LogoutNotice.objects.filter(id=notice.id)
    if not outcome:
        row.update(delivered_at=now, last_outcome="")
        return
    log.warning("sso.logout.untold client=%s outcome=%s", notice.client_id, outcome)
    pauses = policy().logout_pauses
    pause = timedelta(seconds=pauses[min(notice.tries, len(pauses)) - 1])
    # By then every session of a client has ended by its own cap.
    late = outcome == "closed" or now + pause > notice.created_at + policy().logout_given_up
    row.update(last_outcome=outcome, next_try_at=now + pause, given_up_at=now if late else None)
