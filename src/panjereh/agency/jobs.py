"""Background work of the agency floor: its tasks, their retries, and the sweep behind both.

Jobs carry ids only. Where a case stands is in its own rows, never in the queue's memory; so a
lost or doubled job changes nothing that the sweep does not mend.
"""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from django.db import transaction
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job

from panjereh.agency import job_queue
from panjereh.agency.cases import actions, advance
from panjereh.agency.cases.queries import left_untold
from panjereh.agency.drafts.queries import forgotten_drafts
from panjereh.agency.models import ProcessInstance
from panjereh.common import clock
from panjereh.sdk import exchange

log = logging.getLogger("panjereh.agency")
logging.getLogger("procrastinate").setLevel(logging.WARNING)  # it tells of every job otherwise

CONCURRENCY = 4
POLL_SECONDS = 0.5  # for jobs that wait for a time; new ones are announced by NOTIFY
DEAD_AFTER_SECONDS = 30
KEEP_JOBS_HOURS = 72
AT_ONCE = 1000


class BackOff(BaseRetryStrategy):
    """For ever while a provider is away; anything else is a fault, and nobody repeats a fault."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, exchange.Unavailable):
            return None
        steps = advance.BACK_OFF_SECONDS
        wait = timedelta(seconds=steps[min(job.attempts, len(steps) - 1)])
        return RetryDecision(retry_at=clock.now() + wait)


@app.task(name=job_queue.ADVANCE, queue=job_queue.CASES)
def advance_case(case_id: int) -> None:
    advance.advance_case(case_id)


@app.task(name=job_queue.REPORT, queue=job_queue.TELLING, retry=BackOff())
def report_events(case_id: int) -> None:
    actions.report_events(case_id=case_id)


@app.task(name=job_queue.MESSAGE, queue=job_queue.TELLING, retry=BackOff())
def send_message(case_id: int, subject: str) -> None:
    actions.send_message(case_id=case_id, subject=subject)


@app.periodic(cron="* * * * *")
@app.task(name="agency.sweep", queue=job_queue.CASES, queueing_lock="agency.sweep")
def sweep(timestamp: int) -> None:
    """The safety net of timers, retries and leases: wake every case whose time has come."""
    due = ProcessInstance.objects.filter(next_due__lt=clock.now())
    for case_id in due.values_list("pk", flat=True)[:AT_ONCE]:
        with transaction.atomic():
            job_queue.defer_advance(case_id)
    for case_id in left_untold().values_list("pk", flat=True)[:AT_ONCE]:
        with transaction.atomic():
            job_queue.defer_report(case_id)


@app.periodic(cron="* * * * *")
@app.task(name="agency.revive", queue=job_queue.CASES, queueing_lock="agency.revive")
async def revive(timestamp: int) -> None:
    """A job of a dead worker is found by nobody else (service engine, section 3)."""
    dead = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS)
    for job in dead:
        await app.job_manager.retry_job(job)
        log.warning("agency.job.revived task=%s", job.task_name)


@app.periodic(cron="17 3 * * *")
@app.task(name="agency.tidy", queue=job_queue.CASES, queueing_lock="agency.tidy")
async def tidy(timestamp: int) -> None:
    """Nothing personal is kept that nobody needs: old drafts go, and so do finished jobs."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS)
    await forgotten_drafts().adelete()


async def run_jobs(stop: asyncio.Event) -> None:
    """Work until `stop`."""
    with app.replace_connector(DjangoConnector().get_worker_connector()):
        async with app.open_async():
            worker = asyncio.create_task(_worker())
            await _until(stop, worker)


def _worker() -> Coroutine[Any, Any, None]:
    return app.run_worker_async(
        concurrency=CONCURRENCY,
        fetch_job_polling_interval=POLL_SECONDS,
        install_signal_handlers=False,
        shutdown_graceful_timeout=10,
        delete_jobs="successful",
    )


async def _until(stop: asyncio.Event, worker: "asyncio.Task[None]") -> None:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, worker}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    worker.cancel()
    try:
        await worker
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
