"""Reads about messages and the keys of their receivers."""

import uuid

from django.db.models import Q, QuerySet

from panjereh.common import clock
from panjereh.exchange.messages.models import LONGEST, Message, Notice
from panjereh.exchange.models import System, SystemKey


def own_message(system: str, *, message_id: uuid.UUID | None, x_road_id: str) -> Message | None:
    """By either id; only its sender and its receiver see it, and by X-Road-Id its sender."""
    mine = Message.objects.filter(Q(sender=system) | Q(receiver=system))
    if message_id is not None:
        return mine.filter(pk=message_id).first()
    return mine.filter(sender=system, x_road_id=x_road_id).first()


def open_notices(sender: str) -> QuerySet[Notice]:
    return (
        Notice.objects.filter(message__sender=sender, acknowledged_at=None)
        .select_related("message")
        .order_by("pk")
    )


def public_keys(x_road_id: str) -> list[str]:
    """Keys of a system that are accepted now, the newest first; none for an unknown system."""
    return _named(_keys_of(x_road_id).filter(withdrawn_at=None, system__enabled=True))


def keys_before(x_road_id: str) -> list[str]:
    """Keys by which a message that has not expired may have been signed."""
    return _named(_keys_of(x_road_id).filter(withdrawn_at__gt=clock.now() - LONGEST))


def _keys_of(x_road_id: str) -> QuerySet[SystemKey]:
    parts = x_road_id.split("/")
    if len(parts) != 4:
        return SystemKey.objects.none()
    instance, member_class, member, system = parts
    return SystemKey.objects.filter(
        use=SystemKey.Use.SIGNATURE,
        system__code=system,
        system__member__code=member,
        system__member__member_class=member_class,
        system__member__instance=instance,
    )


def _named(keys: QuerySet[SystemKey]) -> list[str]:
    return list(keys.order_by("-added_at", "-pk").values_list("public_key", flat=True))


def reachable_receivers() -> dict[str, str]:
    """Address by X-Road id, of systems that messages can be brought to."""
    systems = System.objects.filter(enabled=True).exclude(base_url="").select_related("member")
    return {system.x_road_id: system.base_url.rstrip("/") for system in systems}


def receivers_waited_for() -> list[str]:
    waiting = Message.objects.filter(state=Message.State.WAITING)
    return list(waiting.order_by().values_list("receiver", flat=True).distinct())
