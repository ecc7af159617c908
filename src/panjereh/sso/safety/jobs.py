"""Background work that keeps accounts safe."""

import asyncio

from panjereh.common.background import repeat
from panjereh.sso.safety.delivery import deliver_due

POLL_SECONDS = 1.0


async def deliver_notices(stop: asyncio.Event) -> None:
    await repeat(stop, POLL_SECONDS, deliver_due)
