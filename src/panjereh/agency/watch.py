"""Watch over what no job will do: lost jobs, dead workers, timers that nobody fires.

A case that should have been looked at says so in `next_due`; a job of a dead worker is found by
the heartbeat that stopped (service engine, section 3). Both are looked for every few seconds,
and at once when a worker starts, for most workers start because one has died.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from panjereh.agency import job_queue
from panjereh.agency.cases.queries import left_untold
from panjereh.agency.cases.wakeups import LEASE
from panjereh.agency.models import ProcessInstance
from panjereh.common import clock

log = logging.getLogger("panjereh.agency")

EVERY_SECONDS = 3.0
DEAD_AFTER_SECONDS = 30
AT_ONCE = 1000


async def run(stop: asyncio.Event) -> None:
    """Look every few seconds until `stop`."""
    with ThreadPoolExecutor(1, "watch") as thread:
        loop, ahead = asyncio.get_running_loop(), LEASE
        try:
            while not stop.is_set():
                await loop.run_in_executor(thread, _sweep_safely, ahead)
                await revive()
                ahead = timedelta()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            await asyncio.shield(loop.run_in_executor(thread, _leave))


def _leave() -> None:
    """In the thread whose connection it is."""
    connection.close()


def _sweep_safely(ahead: timedelta) -> None:
    """A database that is away is back some time; nothing is lost by looking later."""
    close_old_connections()
    try:
        sweep(ahead=ahead)
    except DatabaseError as error:
        log.warning("agency.watch.waiting error=%s", type(error).__name__)


def sweep(*, ahead: timedelta = timedelta()) -> list[int]:
    """Wake every case whose time has come and that no job waits to wake. Returns them."""
    due = ProcessInstance.objects.filter(next_due__lt=clock.now() + ahead)
    cases = list(due.values_list("pk", flat=True)[:AT_ONCE])
    forgotten = sorted(set(cases) - _about_to_be_woken()) if cases else []
    for case_id in forgotten:
        with transaction.atomic():
            job_queue.defer_advance(case_id)
    for case_id in left_untold().values_list("pk", flat=True)[:AT_ONCE]:
        with transaction.atomic():
            job_queue.defer_report(case_id)
    return forgotten


def _about_to_be_woken() -> set[int]:
    ready = Q(scheduled_at=None) | Q(scheduled_at__lte=clock.now())
    jobs = ProcrastinateJob.objects.filter(ready, task_name=job_queue.ADVANCE, status="todo")
    return set(jobs.values_list("args__case_id", flat=True))


async def revive() -> None:
    """Give the jobs of dead workers to the living."""
    dead = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
    for job in dead:
        await app.job_manager.retry_job(job)
        log.warning("agency.job.revived task=%s", job.task_name)
