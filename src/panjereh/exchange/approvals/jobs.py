"""Time limits: who is silent is reminded, what has had its time goes on or ends (GOV-24)."""

import asyncio
import logging
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection

from panjereh.exchange.approvals.actions.grants import expire_grants
from panjereh.exchange.approvals.actions.requests import keep_terms as keep

log = logging.getLogger("panjereh.exchange.approvals")

PAUSE_SECONDS = 600.0


async def keep_terms(stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await sync_to_async(_turn)()
        except DatabaseError as error:
            log.warning("exchange.approvals.waiting error=%s", type(error).__name__)
            await sync_to_async(connection.close)()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


def _turn() -> None:
    moved, expired = keep(), expire_grants()
    if moved or expired:
        log.info("exchange.approvals.terms moved=%s expired=%s", moved, expired)
