"""The one deed of an invented phone: an SMS arrives."""

from datetime import timedelta

from django.db import transaction

from panjereh.common import clock
from panjereh.national.messaging.smpp.parts import Part
from panjereh.sandbox.phone.models import ArrivedMessage, ArrivedPart

JOINING_LIFE = timedelta(hours=24)


def arrive(*, mobile: str, sender: str, part: Part) -> ArrivedMessage:
    """Keep one part; the message is there when its last part is, each part counted once."""
    with transaction.atomic():
        message = _joining(mobile, sender, part)
        ArrivedPart.objects.get_or_create(
            message=message, number=part.number, defaults={"text": part.text}
        )
        texts = list(message.parts.order_by("number").values_list("text", flat=True))
        if len(texts) == message.total:
            message.text, message.complete = "".join(texts), True
            message.arrived_at = clock.now()
            message.save(update_fields=["text", "complete", "arrived_at"])
    return message


def _joining(mobile: str, sender: str, part: Part) -> ArrivedMessage:
    """The incomplete message this part belongs to; a stale one gives its place to a new one."""
    same = {
        "mobile": mobile,
        "sender": sender,
        "reference": part.reference,
        "total": part.total,
        "complete": False,
    }
    ArrivedMessage.objects.filter(**same, arrived_at__lt=clock.now() - JOINING_LIFE).delete()
    message, _ = ArrivedMessage.objects.select_for_update().get_or_create(
        **same, defaults={"arrived_at": clock.now()}
    )
    return message
