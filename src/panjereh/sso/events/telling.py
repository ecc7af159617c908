"""Push security events to their sites until they have them (RFC 8935).

An event is leased, sent without a transaction around it, and marked; a worker that dies in between
leaves a lease that runs out, so the event comes again with the same `jti`.
"""

import logging
from datetime import timedelta

from panjereh.common import clock
from panjereh.sso.events.models import Event, Receiver
from panjereh.sso.events.queries import waiting
from panjereh.sso.events.tokens import TYPE, security_event_token
from panjereh.sso.policy import policy
from panjereh.sso.relying_parties.queries import relying_party
from panjereh.sso.sessions.calling import client_for
from panjereh.sso.sessions.sending import send_each

log = logging.getLogger("panjereh.sso.events")

BATCH = 16
LEASE = timedelta(seconds=30)
TIMEOUT = timedelta(seconds=5)
TAKEN = (200, 202, 204)

_LEASE = """
    UPDATE sso_events_event SET next_try_at = %(leased)s, tries = tries + 1
    WHERE id IN (
        SELECT id FROM sso_events_event
        WHERE next_try_at <= %(now)s AND delivered_at IS NULL AND given_up_at IS NULL
        ORDER BY next_try_at, happened_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    RETURNING *
"""


def tell_due() -> int:
    return send_each(_lease(), _send, _mark)


def _lease() -> list[Event]:
    now = clock.now()
    return list(Event.objects.raw(_LEASE, {"now": now, "leased": now + LEASE, "batch": BATCH}))


def _send(event: Event) -> str:
    """Empty when the site has taken it; else what stood in the way."""
    party = relying_party(event.client_id)
    receiver = Receiver.objects.filter(client_id=event.client_id).first()
    if party is None or receiver is None or not receiver.address:
        return "closed"
    return _post(receiver.address, security_event_token(event, party))


def _post(address: str, token: str) -> str:
    headers = {"Content-Type": f"application/{TYPE}", "Accept": "application/json"}
    with client_for(address, TIMEOUT) as client:
        request = client.post(address).headers(headers).body_text(token)
        with request.build_streamed() as response:  # what it answers beyond the status is not read
            return "" if response.status in TAKEN else f"status-{response.status}"


def _mark(event: Event, outcome: str) -> None:
    now = clock.now()
    row = Event.objects.filter(id=event.id)
    if not outcome:
        row.update(delivered_at=now, last_outcome="")
        return
    log.warning("sso.event.untold client=%s outcome=%s", event.client_id, outcome)
    pauses = policy().event_pauses
    again = now + timedelta(seconds=pauses[min(event.tries, len(pauses)) - 1])
    late = outcome == "closed" or again > event.happened_at + policy().events_given_up
    row.update(last_outcome=outcome, next_try_at=again, given_up_at=now if late else None)
    # A site that is away is left alone as a whole, and its events do not crowd out the others'.
    waiting(event.client_id).filter(next_try_at__lt=again).update(next_try_at=again)
