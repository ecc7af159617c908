"""Security event tokens (RFC 8417, and the rules of the Shared Signals Framework for them)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from joserfc import jwt

from panjereh.common import clock
from panjereh.sso.events.kinds import KINDS
from panjereh.sso.events.models import Event
from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.keys import signing_key

TYPE = "secevent+jwt"


def security_event_token(event: Event, party: RelyingParty) -> str:
    """Signed anew for each try, with the same `jti`.

    Neither `sub` nor `exp`, so that nobody takes it for an id_token or a logout token; and the
    event says nothing about itself: that it happened, never what (PRV-16).
    """
    key = signing_key(party.id_token_alg)
    header = {"alg": party.id_token_alg, "kid": key.kid, "typ": TYPE}
    claims: dict[str, Any] = {
        "iss": settings.ISSUER,
        "aud": party.client_id,
        "iat": int(clock.now().timestamp()),
        "jti": str(event.id),
        "toe": int(event.happened_at.timestamp()),
        "sub_id": _subject(event.subject, event.session),
        "events": {KINDS[event.kind]: {}},
    }
    if event.transaction:
        claims["txn"] = event.transaction
    return jwt.encode(header, claims, key, [party.id_token_alg])


def _subject(subject: str, session: UUID | None) -> dict[str, Any]:
    """RFC 9493; with a session it is that session of this person."""
    user = {"format": "iss_sub", "iss": settings.ISSUER, "sub": subject}
    if session is None:
        return user
    return {
        "format": "complex",
        "user": user,
        "session": {"format": "opaque", "id": str(session)},
    }
