"""Background work that waits for others' machines, in a thread of its own."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import DatabaseError, close_old_connections, connections

log = logging.getLogger("panjereh.sso.jobs")

Work = Callable[[], int]


async def repeat_apart(stop: asyncio.Event, seconds: float, work: Work) -> None:
    """As long as there is something to do without a pause, then every so many seconds."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "sso-jobs") as thread:
        while not stop.is_set():
            busy = await loop.run_in_executor(thread, _guarded, work)
            if not busy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), seconds)
        await loop.run_in_executor(thread, connections.close_all)


def _guarded(work: Work) -> int:
    """The database may be away for a while; the work waits for it."""
    close_old_connections()
    try:
        return work()
    except DatabaseError as error:
        log.warning("sso.job.waiting error=%s", type(error).__name__)
        return 0
