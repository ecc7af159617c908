"""Sessions of people on browsers: begin, use, end. The key is in a cookie, its digest here."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from panjereh.common import clock
from panjereh.sso.acting.ending import end_uses_in
from panjereh.sso.digests import new_secret, sha256
from panjereh.sso.events.actions import tell_sites
from panjereh.sso.events.kinds import SESSION_REVOKED
from panjereh.sso.levels import Proof, reached
from panjereh.sso.models import Grant, LogoutNotice, Person, Session, SignIn
from panjereh.sso.people.queries import attained_level
from panjereh.sso.policy import policy
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party
from panjereh.sso.safety.browsers import Seen, note_arrival

_USE = """
    UPDATE sso_session s SET last_seen_at = %(now)s
    FROM sso_person p
    WHERE s.key_sha256 = %(key)s AND p.id = s.person_id AND p.closed_at IS NULL
      AND s.ended_at IS NULL AND s.authenticated_at > %(cap)s
      AND s.last_seen_at > %(now)s - make_interval(secs => s.rest_seconds)
    RETURNING s.id, s.person_id, s.level, s.ways, s.authenticated_at, s.proofs
"""
_END = """
    UPDATE sso_session SET ended_at = %(now)s
    WHERE id = %(sid)s AND person_id = %(person)s AND ended_at IS NULL RETURNING 1
"""


@dataclass(frozen=True)
class LiveSession:
    sid: UUID
    person_id: UUID
    level: int
    ways: list[str]
    authenticated_at: datetime
    proofs: list[Proof]


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """How and where somebody has just proved who they are. `proved` caps the level of it."""

    way: str
    proved: int | None = None
    browser_sha256: str
    browser: str
    client_id: str = ""
    suspicious: bool = False


def use_session(key: str) -> LiveSession | None:
    """The running session of this key, which lives on for another while by being used."""
    now = clock.now()
    row: dict[str, str | datetime] = {
        "key": sha256(key),
        "now": now,
        "cap": now - policy().session_cap,
    }
    with connection.cursor() as cursor:
        cursor.execute(_USE, row)
        found = cursor.fetchone()
    if found is None:
        return None
    sid, person, level, ways, at, proofs = found
    return LiveSession(sid, person, level, ways, at, read_proofs(proofs))


def read_proofs(kept: Any) -> list[Proof]:
    whole = json.loads(kept) if isinstance(kept, str) else kept
    return msgspec.convert(whole, list[Proof])


def begin_session(person: Person, arrival: Arrival, *, renewing: LiveSession | None = None) -> str:
    """Returns the new key. A session of the same person is kept and gets a new key, so that
    clients keep their `sid`; one of somebody else is never taken over."""
    key = new_secret()
    with transaction.atomic():
        session = _same_session(person, renewing) or _new_session(person, arrival)
        _prove(session, key, arrival)
        session.save()
        note_arrival(_seen(session, arrival, continued=renewing is not None))
        _remember(session, arrival)
    return key


def _same_session(person: Person, renewing: LiveSession | None) -> Session | None:
    """Locked, so that of two ways proved at once none is lost; one that has just ended stays so."""
    if renewing is None or renewing.person_id != person.id:
        return None
    return Session.objects.select_for_update().filter(id=renewing.sid, ended_at=None).first()


def _new_session(person: Person, arrival: Arrival) -> Session:
    return Session(
        person=person,
        browser=arrival.browser,
        started_at=clock.now(),
        rest_seconds=int(policy().session_idle.total_seconds()),
    )


def _prove(session: Session, key: str, arrival: Arrival) -> None:
    """What was proved before in this session stays proved, with the time at which it was."""
    now = clock.now()
    ways = arrival.way.split("+")  # several at once, like sms+totp
    earlier = [proof for proof in read_proofs(session.proofs) if proof.way not in ways]
    proofs = [*earlier, *(Proof(way, now, arrival.proved) for way in ways)]
    session.proofs = msgspec.to_builtins(proofs)
    session.ways = [proof.way for proof in proofs]
    session.level = max(reached(proofs, attained_level(session.person_id)), default=0)
    session.key_sha256 = sha256(key)
    session.authenticated_at = session.last_seen_at = now


def let_rest_longer(sid: UUID, minutes: int) -> None:
    """SSO-18: as long as the longest of the services in use may take."""
    rest = minutes * 60
    Session.objects.filter(id=sid, rest_seconds__lt=rest).update(rest_seconds=rest)


def _remember(session: Session, arrival: Arrival) -> None:
    now = clock.now()
    SignIn.objects.create(
        person_id=session.person_id,
        session=session.id,
        client_id=arrival.client_id,
        level=session.level,
        way=arrival.way,
        browser=arrival.browser,
        at=now,
    )


def _seen(session: Session, arrival: Arrival, *, continued: bool) -> Seen:
    return Seen(
        person_id=session.person_id,
        browser_sha256=arrival.browser_sha256,
        browser=arrival.browser,
        suspicious=arrival.suspicious,
        continued=continued,
    )


def end_session(sid: UUID, *, actor: UUID) -> bool:
    """End a session of the actor's own, everywhere (SSO-14): tokens die at once, every client
    that takes part is told. False when it was over already or is not the actor's."""
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_END, {"sid": sid, "person": actor, "now": now})
            if cursor.fetchone() is None:
                return False
        grants = Grant.objects.filter(session_id=sid)
        own = grants.filter(spent_at__isnull=False, mandate_use=None)
        clients = set(own.values_list("client_id", flat=True))
        grants.filter(revoked_at=None).update(revoked_at=now)
        end_uses_in(sid)
        LogoutNotice.objects.bulk_create(
            notice for client_id in clients if (notice := _notice(client_id, sid, actor, now))
        )
        tell_sites(clients, actor, SESSION_REVOKED, session=sid)
    return True


def _notice(client_id: str, sid: UUID, person: UUID, now: datetime) -> LogoutNotice | None:
    party = relying_party(client_id)
    if party is None or not party.backchannel_logout_uri:
        return None
    return LogoutNotice(
        client_id=client_id,
        subject=subject(person, party.agency),
        session=sid,
        created_at=now,
        next_try_at=now,
    )
