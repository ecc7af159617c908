"""Write an event with its deed; deal with an event once."""

import uuid
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from panjereh.common import clock
from panjereh.common.events import Event, Subscription
from panjereh.common.outbox.models import InboxEvent, OutboxEvent

CHANNEL = "outbox"


def emit(event_type: str, *, subject: str, data: dict[str, Any]) -> Event:
    """Write the event into the outbox of the running transaction and wake the relay at commit.

    Raises `RuntimeError` outside a transaction: an event without its deed is a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event_type} was emitted outside the transaction of its deed")
    event = Event(
        id=str(uuid.uuid4()),
        source=f"/{settings.FLOOR}",
        type=event_type,
        time=clock.now(),
        subject=subject,
        data=data,
    )
    OutboxEvent.objects.create(event_id=event.id, type=event_type, body=msgspec.json.encode(event))
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return event


def deliver(subscription: Subscription, event: Event) -> bool:
    """Run one handler for one event. False when it was dealt with before."""
    with transaction.atomic():
        _, fresh = InboxEvent.objects.get_or_create(event_id=event.id, handler=subscription.name)
        if fresh:
            subscription.handler(event)
    return fresh
