"""Tell publishers who subscribes, soon after a grant or a key has changed."""

import asyncio
import logging
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from panjereh.exchange.feeds.actions import tell_subscribers
from panjereh.exchange.models import PolicyState

log = logging.getLogger("panjereh.exchange.feeds")

POLL_SECONDS = 1.0
ANYWAY_AFTER = 30  # rounds: a grant may begin or run out by the clock, a sheet may be new


async def tell_publishers(stop: asyncio.Event) -> None:
    seen, rounds = -1, 0
    while not stop.is_set():
        try:
            version = await sync_to_async(_version)()
            if version != seen or rounds >= ANYWAY_AFTER:
                await sync_to_async(tell_subscribers)()
                seen, rounds = version, 0
        except DatabaseError as error:
            log.warning("exchange.feeds.waiting error=%s", type(error).__name__)
            await sync_to_async(connection.close)()
        rounds += 1
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)


def _version() -> int:
    return PolicyState.objects.get().version
