"""Systems whose services nobody has described tell of themselves, so the catalogue has no gaps."""

import asyncio
import logging

from django.db.models import Exists, OuterRef, Q
from django.utils import translation

from panjereh.common.background import attempt, pause
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
    turns = 0
    while not stop.is_set():
        left = await attempt(describe_waiting)
        eager = left != 0 and turns < EAGER_TIMES
        await pause(stop, EAGER_SECONDS if eager else PAUSE_SECONDS)
        turns += 1


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
