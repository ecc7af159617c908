"""What the operator's worker does for monitoring: ask providers how they are, watch for alerts,
drop minutes that nobody looks at any more, and publish the month that is over."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

import nats
from django.conf import settings
from django.db import DatabaseError, connection
from nats.aio.client import Client as Nats
from pyreqwest.client import Client

from panjereh.common import clock
from panjereh.common.background import pause
from panjereh.exchange.evidence.outside import Unreachable, build_client, get
from panjereh.exchange.monitoring.actions import Told, forget_minutes, note_health
from panjereh.exchange.monitoring.alerts.actions import evaluate
from panjereh.exchange.monitoring.alerts.signals import Moment
from panjereh.exchange.monitoring.metrics import tell
from panjereh.exchange.monitoring.models import Probe
from panjereh.exchange.monitoring.open_data.actions import publish_month_before
from panjereh.exchange.records import DURABLE, STREAM

log = logging.getLogger("panjereh.exchange.monitoring")

ASK_SECONDS = 20.0
WATCH_SECONDS = 30.0
STREAM_SECONDS = 3.0
HOUR = 3600.0
HEALTHY = 200


async def ask_providers(stop: asyncio.Event) -> None:
    """Every provider that named a health page, all at once, again and again until `stop`."""
    async with build_client() as client:
        while not stop.is_set():
            try:
                await ask_all(client)
            except DatabaseError as error:
                log.warning("exchange.monitoring.waiting error=%s", type(error).__name__)
            await pause(stop, ASK_SECONDS)


async def watch(stop: asyncio.Event) -> None:
    """Look at everything that rules of alerts speak of, again and again until `stop`."""
    hourly = float("-inf")
    while not stop.is_set():
        try:
            await asyncio.to_thread(_evaluate, await collector_pending())
            if time.monotonic() - hourly > HOUR:
                await asyncio.to_thread(_each_hour)
                hourly = time.monotonic()
        except DatabaseError as error:
            log.warning("exchange.monitoring.waiting error=%s", type(error).__name__)
        await pause(stop, WATCH_SECONDS)


async def collector_pending() -> int | None:
    """Messages that the collector has not kept yet; None when the stream does not answer."""
    client = Nats()
    try:
        # The client would try for minutes by itself; alerts must not wait for the stream.
        async with asyncio.timeout(STREAM_SECONDS):
            await client.connect(settings.NATS_URL, allow_reconnect=False, error_cb=_quiet)
            info = await client.jetstream().consumer_info(STREAM, DURABLE)
            return (info.num_pending or 0) + (info.num_ack_pending or 0)
    except (nats.errors.Error, OSError, TimeoutError) as error:
        log.warning("exchange.monitoring.no-stream error=%s", type(error).__name__)
        return None
    finally:
        await client.close()


async def _quiet(error: Exception) -> None:
    """It is told once, above."""


def _evaluate(pending: int | None) -> None:
    with _own_connection():
        moment = Moment(clock.now(), pending)
        evaluate(moment)
        tell(moment)


def _each_hour() -> None:
    with _own_connection():
        forget_minutes(clock.now())
        publish_month_before(clock.now())


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
