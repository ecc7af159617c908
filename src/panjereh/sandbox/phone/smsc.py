"""Run the sandbox's operator: arrivals go into the phone's database, then they are acknowledged."""

import asyncio
import logging

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connections

from panjereh.sandbox.phone.actions import arrive
from panjereh.sandbox.phone.centre import Arrival, Centre

log = logging.getLogger("panjereh.sandbox.smsc")


async def serve(stop: asyncio.Event) -> None:
    """Listen on settings.SMSC until `stop`. A second line of defence: never in production."""
    if settings.PROFILE == "production":
        raise SystemExit("production refuses the virtual phone")
    bind = settings.SMSC_BIND
    centre = Centre(bind["system_id"], bind["password"], keep=sync_to_async(_keep))
    visits: set[asyncio.Task[None]] = set()

    def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(centre.serve(reader, writer))
        visits.add(task)
        task.add_done_callback(visits.discard)

    server = await asyncio.start_server(visit, *settings.SMSC)
    log.info("smsc.listening port=%s", settings.SMSC[1])
    await stop.wait()
    server.close()
    for task in visits:
        task.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    await sync_to_async(connections.close_all)()


def _keep(arrival: Arrival) -> None:
    close_old_connections()
    arrive(mobile=arrival.mobile, sender=arrival.sender, part=arrival.part)
