"""How much one number may get in an hour (MSG-10); how much a sender may send is in its grant.

These are the limits at which mobile operators themselves begin to block.
"""

from datetime import timedelta

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.national.messaging.models import Message

PER_NUMBER_AN_HOUR = 100
SAME_TEXT_AN_HOUR = 20


def check(*, mobile: str, text: str) -> None:
    """Raise 429 when a message more would be too many; the answer names no number."""
    recent = Message.objects.filter(mobile=mobile, created_at__gt=clock.now() - timedelta(hours=1))
    texts = list(recent.values_list("text", flat=True)[:PER_NUMBER_AN_HOUR])
    if len(texts) >= PER_NUMBER_AN_HOUR or texts.count(text) >= SAME_TEXT_AN_HOUR:
        raise Problem(429, "too-many-messages", "this number got too many", retry_in=3600)
