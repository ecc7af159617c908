"""Systems whose services nobody has described tell of themselves, so the catalogue has no gaps."""

import asyncio
import logging
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, Q
from django.utils import translation

from panjereh.exchange.actions import the_exchange_itself
from panjereh.exchange.directory.actions import take_first_description
from panjereh.exchange.directory.fetching import fetch_description
from panjereh.exchange.directory.openapi.flaws import Flawed
from panjereh.exchange.models import Service, System

log = logging.getLogger("panjereh.exchange.directory")

PAUSE_SECONDS = 60.0
EAGER_SECONDS = 3.0
EAGER_TIMES = 20  # at start the other floors come up one by one


async def describe_services(stop: asyncio.Event) -> None:
    for turn in range(1_000_000_000):
        try:
            left = await sync_to_async(describe_waiting)()
        except DatabaseError:
            log.exception("exchange.directory.not-described")
            left = 1
        with suppress(TimeoutError):
            pause = EAGER_SECONDS if left and turn < EAGER_TIMES else PAUSE_SECONDS
            await asyncio.wait_for(stop.wait(), pause)
        if stop.is_set():
            return


def describe_waiting() -> int:
    """How many systems still have something undescribed."""
    return sum(0 if _described(system) else 1 for system in _waiting())


def _waiting() -> list[System]:
    undescribed = Q(sheet=None) | Q(sheet__described_at=None)
    waiting = Service.objects.filter(undescribed, system=OuterRef("pk"), enabled=True)
    return list(
        System.objects.filter(Exists(waiting), enabled=True)
        .exclude(base_url="")
        .select_related("member")
    )


def _described(system: System) -> bool:
    with translation.override("en"):
        try:
            octets = fetch_description(system)
            taken = take_first_description(
                actor=the_exchange_itself(), system=system, octets=octets
            )
        except (Flawed, OSError) as error:
            log.info("exchange.directory.waits system=%s reason=%s", system.code, error)
            return False
    log.info("exchange.directory.described system=%s services=%s", system.code, len(taken))
    return bool(taken)
