"""Logout notices for a client that is closed: every session it may still have is over there."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from panjereh.common import clock
from panjereh.sso.acting.ending import tell_of_uses_at
from panjereh.sso.models import Grant, LogoutNotice, RelyingParty
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import subject

BATCH = 1000


def tell_all_sessions(party: RelyingParty) -> None:
    """In the caller's transaction, before the grants are revoked."""
    if not party.backchannel_logout_uri:
        return
    now = clock.now()
    notices = (_notice(party, sid, person, now) for sid, person in _signed_in(party, now))
    LogoutNotice.objects.bulk_create(notices, batch_size=BATCH)
    tell_of_uses_at(party)


def _signed_in(party: RelyingParty, now: datetime) -> Iterator[tuple[UUID, UUID]]:
    live = Grant.objects.filter(
        client_id=party.client_id,
        spent_at__isnull=False,
        revoked_at=None,
        mandate_use=None,
        session__authenticated_at__gt=now - policy().session_cap,
    )
    return live.values_list("session_id", "person_id").distinct().iterator(BATCH)


def _notice(party: RelyingParty, sid: UUID, person: UUID, now: datetime) -> LogoutNotice:
    return LogoutNotice(
        client_id=party.client_id,
        subject=subject(person, party.agency),
        session=sid,
        created_at=now,
        next_try_at=now,
    )
