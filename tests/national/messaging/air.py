"""A mobile operator and the pump on a real socket, in a thread of their own."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import connection

from panjereh.national.messaging.jobs import pump_sms
from panjereh.national.messaging.models import Delivery
from panjereh.runtime.ports import free_port
from panjereh.sandbox.phone.centre import Arrival, Centre

AGENCY = "IR-TEST/GOV/14003778990/civil-registration-window"
WINDOW_SYSTEM = "IR-TEST/GOV/14002763106/national-window"
MOBILE = "+989121234567"
MASK = "404011"
PASSWORD = "sandbox8"

_PUMP = """
import asyncio, django
django.setup()
from django.conf import settings
from panjereh.national.messaging.jobs import pump_sms
settings.SMSC_BIND = {bind!r}
asyncio.run(pump_sms(asyncio.Event()))
"""


def until(true: Callable[[], Any], *, seconds: float = 20.0) -> Any:
    """Wait for something that other threads and processes bring about."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Delivery.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def all_are(state: str, count: int) -> Callable[[], bool]:
    return lambda: states() == {state: count}


def joined(arrivals: list[Arrival]) -> dict[tuple[str, int], str]:
    """What phones show: the parts of each (number, reference) in order, each part once."""
    parts: dict[tuple[str, int], dict[int, str]] = {}
    for arrival in arrivals:
        key = (arrival.mobile, arrival.part.reference)
        parts.setdefault(key, {})[arrival.part.number] = arrival.part.text
    return {key: "".join(text for _, text in sorted(p.items())) for key, p in parts.items()}


class Air:
    """The operator's centre, always reachable unless `down`, and pumps to start and stop."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.before_keeping: Callable[[], Awaitable[None]] | None = None
        self.centre = Centre("panjereh", PASSWORD, keep=self._keep)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self._pumps: list[tuple[asyncio.Event, Any]] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self.port = free_port()
        self.up()

    async def _keep(self, arrival: Arrival) -> None:
        if self.before_keeping:
            await self.before_keeping()
        self.arrivals.append(arrival)

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def up(self) -> None:
        async def listen() -> None:
            self._server = await asyncio.start_server(self._visit, "127.0.0.1", self.port)

        self.run(listen())

    def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self.centre.serve(reader, writer))
        self._visits.add(task)
        task.add_done_callback(self._visits.discard)

    def down(self) -> None:
        """Refuse connections and cut the ones there are."""

        async def hang_up() -> None:
            if self._server:
                self._server.close()
            for task in list(self._visits):
                task.cancel()
            await asyncio.gather(*self._visits, return_exceptions=True)

        self.run(hang_up())

    def start_pump(self) -> None:
        async def start() -> tuple[asyncio.Event, Any]:
            stop = asyncio.Event()
            return stop, self._loop.create_task(pump_sms(stop))

        self._pumps.append(self.run(start()))

    def stop_pump(self) -> None:
        async def end(stop: asyncio.Event, pump: Any) -> None:
            stop.set()
            await pump

        while self._pumps:
            self.run(end(*self._pumps.pop()))

    def start_pump_process(self) -> subprocess.Popen[bytes]:
        """A pump that a test may kill."""
        name = connection.settings_dict["NAME"]
        address = f"postgresql:///{name}?host={connection.settings_dict['HOST']}&user=postgres"
        surroundings = {
            **os.environ,
            "PANJEREH_NATIONAL_DATABASE_URL": address,
            "PANJEREH_SMSC": f"127.0.0.1:{self.port}",
        }
        script = _PUMP.format(bind=settings.SMSC_BIND)
        self._processes.append(subprocess.Popen([sys.executable, "-c", script], env=surroundings))
        return self._processes[-1]

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self.centre.faults.silent = False
        self.stop_pump()
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
