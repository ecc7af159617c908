"""Ask the registry again about people whose identity data changed."""

import asyncio
import logging

from panjereh.common.background import repeat
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.registry_news.actions import refresh_identity
from panjereh.sso.registry_news.models import Refresh

log = logging.getLogger("panjereh.sso.registry_news")

PAUSE_SECONDS = 2.0
AT_ONCE = 50


async def refresh_identities(stop: asyncio.Event) -> None:
    await repeat(stop, PAUSE_SECONDS, refresh_due)


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
