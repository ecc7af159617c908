"""The deeds about messages. Who may do them was checked by the gateway: a grant for sending, and
for the rest that a system asks about its own."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import F

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Cause
from panjereh.exchange.messages.models import Ending, Message, Notice
from panjereh.exchange.messages.queries import public_keys
from panjereh.exchange.records import Record

CALLBACK_LEASE = timedelta(seconds=30)  # longer than a receiver is waited for
PULL_LEASE = timedelta(seconds=60)
RETRY_SECONDS = (1, 2, 5, 10, 30, 60, 300, 900)
MOST_PULLED = 50
FACE = "message"
GATEWAY = "messages"
ERROR = "server.serverproxy.message."

# Of each receiver the oldest few, so that one with a full box does not keep the others waiting.
_DUE = """
    SELECT id FROM (
        SELECT m.id, m.due_at, row_number() OVER (PARTITION BY receiver ORDER BY due_at) AS place
        FROM exchange_messages_message m
        WHERE m.state = 'waiting' AND m.due_at <= %(now)s AND m.expires_at > %(now)s
          AND m.receiver = ANY(%(receivers)s)
    ) AS due WHERE place <= %(each)s ORDER BY due_at LIMIT %(limit)s
"""


class MessageDiffers(Exception):
    """The sender used the X-Road-Id for another message before."""


class KeyUnknown(Exception):
    """The message is sealed for a key that its receiver does not have."""


@dataclass(frozen=True)
class Sent:
    """A message as the gateway hands it over; everything but the sealed body is traffic data."""

    x_road_id: str
    sender: str
    receiver: str
    service: str
    issue: str
    grant_id: int
    purpose: str
    bus: str
    digest: str
    to_key: str
    sealed: bytes


def accept(sent: Sent, *, lasts: timedelta) -> tuple[Message, bool]:
    """Keep the message; False when it was kept before: a sender who lost the answer asks again.

    Raises `MessageDiffers` or `KeyUnknown`.
    """
    now = clock.now()
    with transaction.atomic():
        known = Message.objects.filter(sender=sent.sender, x_road_id=sent.x_road_id)
        if not known.exists() and sent.to_key not in public_keys(sent.receiver):
            raise KeyUnknown
        message, fresh = Message.objects.get_or_create(
            sender=sent.sender,
            x_road_id=sent.x_road_id,
            defaults={
                "receiver": sent.receiver,
                "service": sent.service,
                "issue": sent.issue,
                "grant_id": sent.grant_id,
                "purpose": sent.purpose,
                "bus": sent.bus,
                "digest": sent.digest,
                "to_key": sent.to_key,
                "sealed": sent.sealed,
                "size": len(sent.sealed),
                "accepted_at": now,
                "expires_at": now + lasts,
                "due_at": now,
            },
        )
        said = (message.digest, message.receiver, message.service)
        if said != (sent.digest, sent.receiver, sent.service):
            raise MessageDiffers
    return message, fresh


def take_for_callback(receivers: Collection[str], *, each: int, limit: int) -> list[Message]:
    """Lease what is due for these receivers. Whoever holds a lease has CALLBACK_LEASE to end it."""
    return _lease(list(receivers), each=each, limit=limit, lease=CALLBACK_LEASE)


def take_for_pull(receiver: str, *, limit: int) -> list[Message]:
    return _lease([receiver], each=limit, limit=limit, lease=PULL_LEASE)


def _lease(receivers: list[str], *, each: int, limit: int, lease: timedelta) -> list[Message]:
    """`unsure_since` is set before anybody hears of the message and taken back only by a known
    outcome, so after a crash it is known that it is not known."""
    now = clock.now()
    wanted: dict[str, Any] = {"now": now, "receivers": receivers, "each": each, "limit": limit}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, wanted)
            ids = [row[0] for row in cursor.fetchall()]
        waiting = Message.objects.filter(pk__in=ids, state=Message.State.WAITING, due_at__lte=now)
        leased = list(waiting.select_for_update(skip_locked=True).order_by("accepted_at"))
        Message.objects.filter(pk__in=[m.pk for m in leased]).update(
            due_at=now + lease, attempts=F("attempts") + 1, unsure_since=now
        )
    return leased


def acknowledge(receiver: str, ids: Sequence[uuid.UUID]) -> int:
    """The receiver has these. Again is no harm; what is another's is passed over."""
    ended = 0
    for one in sorted(ids):
        ended += finish(one, Message.State.DELIVERED, way=Message.Way.PULL, receiver=receiver)
    return ended


def finish(
    message_id: uuid.UUID,
    state: Message.State,
    *,
    way: Message.Way | None = None,
    trouble: str = "",
    receiver: str = "",
) -> bool:
    """End a message: its body goes, its one record is written. False when it has ended before."""
    now = clock.now()
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message_id, state=Message.State.WAITING)
        if receiver:
            waiting = waiting.filter(receiver=receiver)
        message = waiting.select_for_update().first()
        if message is None:
            return False
        message.state, message.ended_at, message.way = state, now, way or ""
        message.trouble, message.unsure_since, message.sealed = trouble, None, b""
        message.save()
        _write_ending(message, now)
        if state != Message.State.DELIVERED:
            _notify_sender(message, now)
    return True


def put_off(message: Message, trouble: str, *, unsure: bool) -> None:
    """It was not taken now: later again, ever more slowly."""
    now = clock.now()
    pause = RETRY_SECONDS[min(message.attempts, len(RETRY_SECONDS) - 1)]
    with transaction.atomic():
        Message.objects.filter(pk=message.pk, state=Message.State.WAITING).update(
            due_at=min(now + timedelta(seconds=pause), message.expires_at),
            trouble=trouble,
            unsure_since=now if unsure else None,
        )


def expire() -> int:
    """Give up what nobody took in time, but nothing that is in somebody's hands."""
    now = clock.now()
    late = Message.objects.filter(
        state=Message.State.WAITING, expires_at__lte=now, due_at__lte=now
    ).values_list("pk", flat=True)[:500]
    return sum(finish(one, Message.State.EXPIRED, trouble="expired") for one in list(late))


def acknowledge_notices(sender: str, ids: Sequence[uuid.UUID]) -> int:
    with transaction.atomic():
        return Notice.objects.filter(
            message__sender=sender, message_id__in=ids, acknowledged_at=None
        ).update(acknowledged_at=clock.now())


def forget(before: datetime) -> int:
    """Traffic data of messages that ended long ago."""
    with transaction.atomic():
        count, _ = Message.objects.filter(
            ended_at__lt=before, ending__published_at__isnull=False
        ).delete()
    return count


def _write_ending(message: Message, now: datetime) -> None:
    """In the transaction of the ending; `jobs` publishes it."""
    record = Record(
        request_id=str(uuid.uuid5(message.pk, "ending")),
        gateway=GATEWAY,
        received_at=_microseconds(message.accepted_at),
        finished_at=_microseconds(now),
        bus=message.bus,
        face=FACE,
        x_road_id=message.x_road_id,
        issue=message.issue,
        consumer=message.sender,
        provider=message.receiver,
        service=message.service,
        method="DELIVER",
        path_template="/",
        grant_id=message.grant_id,
        purpose=message.purpose,
        request_size=message.size,
        request_digest=message.digest,
    )
    record.status, record.cause, record.error_code = _outcome(message)
    Ending.objects.create(
        request_id=record.request_id, message=message, body=msgspec.json.encode(record)
    )


def _outcome(message: Message) -> tuple[int, Cause | str, str]:
    match message.state:
        case Message.State.DELIVERED:
            return 200, "", ""
        case Message.State.EXPIRED:
            return 504, "provider", f"{ERROR}expired"
        case _:
            return 502, "provider", f"{ERROR}refused"


def _notify_sender(message: Message, now: datetime) -> None:
    Notice.objects.create(message=message, created_at=now)
    emit(
        "exchange.message.undelivered",
        subject=str(message.pk),
        data={
            "message_id": str(message.pk),
            "x_road_id": message.x_road_id,
            "sender": message.sender,
            "state": message.state,
        },
    )


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
