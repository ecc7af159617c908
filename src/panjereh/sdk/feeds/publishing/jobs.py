"""Close files as changes come, days as they end, and give notice of new keys."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, connections

from panjereh.common.outbox.worker import dsn
from panjereh.sdk.feeds.publishing import actions
from panjereh.sdk.feeds.publishing.models import Change, Feed

log = logging.getLogger("panjereh.feeds")

POLL_SECONDS = 5.0  # for the clock; changes are announced by NOTIFY


async def publish_feeds(stop: asyncio.Event) -> None:
    """Until `stop`. What waits is published at most every `FEED_PACE_SECONDS`."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "feeds") as thread:
        while not stop.is_set():
            await loop.run_in_executor(thread, _guarded, publish_all)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), settings.FEED_PACE_SECONDS)
            await _changed(stop)
        await loop.run_in_executor(thread, connections.close_all)


async def _changed(stop: asyncio.Event) -> None:
    """Return when something changed, when the clock may have something to do, or at `stop`."""
    if stop.is_set():
        return
    try:
        async with await psycopg.AsyncConnection.connect(dsn(), autocommit=True) as wire:
            await wire.execute(f"LISTEN {actions.CHANNEL}")
            if await asyncio.to_thread(_waiting):
                return
            async for _ in wire.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
    except psycopg.OperationalError as error:
        log.warning("feeds.publisher.waiting error=%s", type(error).__name__)
        await asyncio.sleep(1)


def _waiting() -> bool:
    """Something may have been committed before we listened."""
    try:
        return Change.objects.filter(page=None).exists()
    finally:
        connection.close()


def _guarded(work: Callable[[], None]) -> None:
    close_old_connections()
    try:
        work()
    except DatabaseError as error:
        log.warning("feeds.publisher.waiting error=%s", type(error).__name__)


def publish_all() -> None:
    for name in Feed.objects.values_list("name", flat=True):
        while page := actions.publish_waiting(name):
            log.info("feeds.page.published feed=%s sequence=%s", name, page.sequence)
        for day in actions.close_days(name):
            log.info("feeds.day.closed feed=%s day=%s", name, day.day)
        actions.rotate_old_keys(name)
