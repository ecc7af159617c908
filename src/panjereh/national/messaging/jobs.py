"""Background work of the messaging room: the pump, over and over, until told to stop."""

import asyncio
import logging
import random

import psycopg
from django.conf import settings

from panjereh.common.background import pause
from panjereh.national.messaging.smpp.link import LinkLost, Operator
from panjereh.national.messaging.smpp.pump import run_session

log = logging.getLogger("panjereh.messaging.pump")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SETTLED_SECONDS = 10.0


async def pump_sms(stop: asyncio.Event) -> None:
    """Keep a session with the operator; after a failure wait longer each time, with jitter."""
    operator = Operator(*settings.SMSC, **settings.SMSC_BIND)
    clock, seconds = asyncio.get_running_loop().time, FIRST_PAUSE
    while not stop.is_set():
        began = clock()
        try:
            await run_session(operator, stop)
        except (LinkLost, psycopg.OperationalError, OSError) as error:
            settled = clock() - began > SETTLED_SECONDS
            seconds = FIRST_PAUSE if settled else min(seconds * 2, LONGEST_PAUSE)
            log.warning("sms.pump.waiting error=%s seconds=%.1f", type(error).__name__, seconds)
            await pause(stop, seconds * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
    log.info("sms.pump.stopped")
