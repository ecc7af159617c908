"""Tell publishers who subscribes, soon after a grant or a key has changed."""

import asyncio
from functools import partial

from panjereh.common.background import attempt, pause
from panjereh.exchange.feeds.actions import tell_subscribers
from panjereh.exchange.models import PolicyState

POLL_SECONDS = 1.0
ANYWAY_AFTER = 30  # rounds: a grant may begin or run out by the clock, a sheet may be new


async def tell_publishers(stop: asyncio.Event) -> None:
    seen, rounds = -1, 0
    while not stop.is_set():
        told = await attempt(partial(_tell, seen, anyway=rounds >= ANYWAY_AFTER))
        if told is not None:
            seen, rounds = told, 0
        rounds += 1
        await pause(stop, POLL_SECONDS)


def _tell(seen: int, *, anyway: bool) -> int | None:
    """The version that publishers know now; None when they knew it already."""
    version = PolicyState.objects.get().version
    if version == seen and not anyway:
        return None
    tell_subscribers()
    return version
