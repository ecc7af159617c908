"""Count the days that are over, and publish the month that is."""

import asyncio

from panjereh.sso.background import repeat_apart
from panjereh.sso.numbers.actions import count_due
from panjereh.sso.numbers.open_data.actions import publish_due

PAUSE_SECONDS = 300.0


async def count_days(stop: asyncio.Event) -> None:
    await repeat_apart(stop, PAUSE_SECONDS, _counted_and_published)


def _counted_and_published() -> int:
    return count_due() or publish_due()
