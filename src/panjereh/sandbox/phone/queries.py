from django.db.models import QuerySet

from panjereh.sandbox.phone.models import ArrivedMessage

SHOWN = 50


def inbox(mobile: str) -> QuerySet[ArrivedMessage]:
    """What lies on a phone, newest first."""
    arrived = ArrivedMessage.objects.filter(mobile=mobile, complete=True)
    return arrived.order_by("-arrived_at", "-id")[:SHOWN]
