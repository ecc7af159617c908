"""What every background task does between its deeds: wait, be told to stop, outlive a database."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

log = logging.getLogger("panjereh.background")

Result = TypeVar("Result")


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Until `stop`, or so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def attempt(deed: Callable[[], Result]) -> Result | None:
    """Do it in the thread of synchronous code. None when the database was away; the task asks
    again by itself, and has a new connection then."""
    return await sync_to_async(_attempted)(deed)


async def repeat(stop: asyncio.Event, seconds: float, deed: Callable[[], object]) -> None:
    """Again and again, with a pause between, until `stop`."""
    while not stop.is_set():
        await attempt(deed)
        await pause(stop, seconds)


def _attempted(deed: Callable[[], Result]) -> Result | None:
    """A connection belongs to the thread that uses it, so it is closed here and nowhere else."""
    try:
        return deed()
    except DatabaseError as error:
        name = f"{deed.__module__}.{deed.__qualname__}" if hasattr(deed, "__qualname__") else "deed"
        log.warning("background.waiting deed=%s error=%s", name, type(error).__name__)
        connection.close()
        return None
