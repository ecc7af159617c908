"""Deliver notices over the messaging service until it has taken them.

A delivery is leased, handed over without a transaction around it, and marked; a worker that dies
in between leaves a lease that runs out, and the key makes the second time the same message.
"""

import logging
from datetime import timedelta

from django.db import connection

from panjereh.common import clock
from panjereh.sdk import messaging
from panjereh.sdk.exchange import ExchangeError, Rejected
from panjereh.sso.policy import policy
from panjereh.sso.safety.models import Channel, Delivery
from panjereh.sso.safety.notices import letter_text, sms_text

log = logging.getLogger("panjereh.sso.notices")

BATCH = 16
LEASE = timedelta(seconds=60)

_LEASE = """
    UPDATE sso_safety_delivery SET next_try_at = %(leased)s, tries = tries + 1
    WHERE id IN (
        SELECT id FROM sso_safety_delivery
        WHERE next_try_at <= %(now)s AND delivered_at IS NULL AND given_up_at IS NULL
        ORDER BY next_try_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    )
    RETURNING id
"""


def deliver_due() -> int:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, {"now": now, "leased": now + LEASE, "batch": BATCH})
        leased = [row[0] for row in cursor.fetchall()]
    for delivery in Delivery.objects.filter(id__in=leased).select_related("notice__person"):
        _deliver(delivery)
    return len(leased)


def _deliver(delivery: Delivery) -> None:
    try:
        _hand_over(delivery)
    except ExchangeError as error:
        _put_off(delivery, error)
    else:
        _mark(delivery, delivered_at=clock.now(), mobile="", last_outcome="")


def _hand_over(delivery: Delivery) -> None:
    notice, key = delivery.notice, f"notice-{delivery.id}"
    if delivery.channel == Channel.SMS:
        text = sms_text(notice.kind)
        messaging.send_sms(mobile=delivery.mobile, text=text, idempotency_key=key)
        return
    title, body = letter_text(notice.kind)
    messaging.deposit_letter(
        person=notice.person.national_id, title=title, body=body, idempotency_key=key
    )


def _put_off(delivery: Delivery, error: ExchangeError) -> None:
    log.warning(
        "sso.notice.untold kind=%s channel=%s code=%s request=%s",
        delivery.notice.kind,
        delivery.channel,
        error.code,
        error.request_id,
    )
    pauses, now = policy().notice_pauses, clock.now()
    pause = timedelta(seconds=pauses[min(delivery.tries, len(pauses)) - 1])
    hopeless = isinstance(error, Rejected) and error.status != 429
    if hopeless or now + pause > delivery.created_at + policy().notice_given_up:
        _mark(delivery, given_up_at=now, mobile="", last_outcome=error.code[:60])
    else:
        _mark(delivery, next_try_at=now + pause, last_outcome=error.code[:60])


def _mark(delivery: Delivery, **values: object) -> None:
    Delivery.objects.filter(id=delivery.id).update(**values)
