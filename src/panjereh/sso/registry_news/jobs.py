"""Ask the registry again about people whose identity data changed."""

import asyncio
import logging
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.registry_news.actions import refresh_identity
from panjereh.sso.registry_news.models import Refresh

log = logging.getLogger("panjereh.sso.registry_news")

PAUSE_SECONDS = 2.0
AT_ONCE = 50


async def refresh_identities(stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await sync_to_async(refresh_due)()
        except DatabaseError as error:
            log.warning("sso.refresh.waiting error=%s", type(error).__name__)
            await sync_to_async(connection.close)()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


def refresh_due() -> int:
    """An exchange that is away is asked again later; nothing is forgotten."""
    done = 0
    for refresh in Refresh.objects.filter(done_at=None).select_related("person")[:AT_ONCE]:
        try:
            refresh_identity(refresh)
        except ExchangeError as error:
            log.warning("sso.refresh.failed code=%s request=%s", error.code, error.request_id)
            return done
        done += 1
    return done
