"""Time limits: who is silent is reminded, what has had its time goes on or ends (GOV-24)."""

import asyncio
import logging

from panjereh.common.background import repeat
from panjereh.exchange.approvals.actions.grants import expire_grants
from panjereh.exchange.approvals.actions.requests import keep_terms as keep

log = logging.getLogger("panjereh.exchange.approvals")

PAUSE_SECONDS = 600.0


async def keep_terms(stop: asyncio.Event) -> None:
    await repeat(stop, PAUSE_SECONDS, _turn)


def _turn() -> None:
    moved, expired = keep(), expire_grants()
    if moved or expired:
        log.info("exchange.approvals.terms moved=%s expired=%s", moved, expired)
