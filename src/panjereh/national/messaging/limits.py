"""How much may be sent: per sender a minute, per number an hour (MSG-10).

The per-number limits are those at which mobile operators themselves begin to block.
"""

from datetime import timedelta

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.national.messaging.models import Message

PER_SENDER_A_MINUTE = 3_000
PER_NUMBER_AN_HOUR = 100
SAME_TEXT_AN_HOUR = 20


def check(*, consumer: str, mobile: str, text: str) -> None:
    """Raise 429 when a message more would be too many; the answer names no number."""
    minute, hour = clock.now() - timedelta(minutes=1), clock.now() - timedelta(hours=1)
    sent = Message.objects.filter(consumer=consumer, created_at__gt=minute)
    if sent[:PER_SENDER_A_MINUTE].count() >= PER_SENDER_A_MINUTE:
        raise Problem(429, "too-many-messages", "this sender sent too many", retry_in=60)
    got = Message.objects.filter(mobile=mobile, created_at__gt=hour)
    texts = list(got.values_list("text", flat=True)[:PER_NUMBER_AN_HOUR])
    if len(texts) >= PER_NUMBER_AN_HOUR or texts.count(text) >= SAME_TEXT_AN_HOUR:
        raise Problem(429, "too-many-messages", "this number got too many", retry_in=3600)
