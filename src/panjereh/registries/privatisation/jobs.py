"""Publish the list of each month when it begins, and keep the exchange told of who is on it."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from panjereh.common.background import pause
from panjereh.registries.privatisation.actions import publish_month, tell_exchange
from panjereh.registries.privatisation.models import Enterprise
from panjereh.registries.privatisation.queries import current_period
from panjereh.sdk.exchange import ExchangeError

log = logging.getLogger("panjereh.registries.privatisation")

PAUSE_SECONDS = 60.0
TROUBLE_SECONDS = 3.0
ACTOR = "system:calendar"


async def publish_lists(stop: asyncio.Event) -> None:
    while not stop.is_set():
        well = await sync_to_async(_publish)()
        await pause(stop, PAUSE_SECONDS if well else TROUBLE_SECONDS)


def _publish() -> bool:
    try:
        if Enterprise.objects.exists():
            publish_month(actor=ACTOR)
        if period := current_period():
            tell_exchange(period)
    except (DatabaseError, ExchangeError) as error:
        log.warning("privatisation.list.waiting error=%s", type(error).__name__)
        connection.close()
        return False
    return True
