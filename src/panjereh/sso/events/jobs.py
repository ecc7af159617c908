"""Background work of security events."""

import asyncio

from panjereh.sso.background import repeat_apart
from panjereh.sso.events.actions import give_up_uncollected
from panjereh.sso.events.telling import tell_due

POLL_SECONDS = 1.0
LATE_SECONDS = 600.0


async def push_events(stop: asyncio.Event) -> None:
    await repeat_apart(stop, POLL_SECONDS, tell_due)


async def give_up_late(stop: asyncio.Event) -> None:
    await repeat_apart(stop, LATE_SECONDS, give_up_uncollected)
