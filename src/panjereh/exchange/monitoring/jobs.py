"""What the operator's worker does for monitoring: ask providers how they are."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection
from pyreqwest.client import Client

from panjereh.common import clock
from panjereh.exchange.evidence.outside import Unreachable, build_client, get
from panjereh.exchange.monitoring.actions import Told, note_health
from panjereh.exchange.monitoring.models import Probe

log = logging.getLogger("panjereh.exchange.monitoring")

ASK_SECONDS = 20.0
HEALTHY = 200


async def ask_providers(stop: asyncio.Event) -> None:
    """Every provider that named a health page, all at once, again and again until `stop`."""
    async with build_client() as client:
        while not stop.is_set():
            try:
                await ask_all(client)
            except DatabaseError as error:
                log.warning("exchange.monitoring.waiting error=%s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ASK_SECONDS)


async def ask_all(client: Client) -> None:
    probes = await asyncio.to_thread(_probes)
    told = await asyncio.gather(*[_ask(client, probe.url) for probe in probes])
    await asyncio.to_thread(_note, list(zip(probes, told, strict=True)))


def _probes() -> list[Probe]:
    with _own_connection():
        return list(Probe.objects.select_related("system").exclude(system__base_url=""))


async def _ask(client: Client, url: str) -> Told:
    began = time.monotonic()
    try:
        healthy = (await get(client, url)).status == HEALTHY
    except Unreachable:
        healthy = False
    return Told(healthy, round((time.monotonic() - began) * 1000))


def _note(found: list[tuple[Probe, Told]]) -> None:
    with _own_connection():
        for probe, told in found:
            note_health(probe, told, clock.now())


@contextmanager
def _own_connection() -> Iterator[None]:
    """A thread of the worker's pool gives its connection back."""
    try:
        yield
    finally:
        connection.close()
