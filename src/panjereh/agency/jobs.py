"""Background work of the agency floor: its tasks, their retries, and the sweep behind both.

Jobs carry ids only. Where a case stands is in its own rows, never in the queue's memory; so a
lost or doubled job changes nothing that the sweep does not mend.
"""

import asyncio
import logging
from datetime import timedelta

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.jobs import Job

from panjereh.agency import job_queue, watch
from panjereh.agency.cases import actions, advance
from panjereh.agency.drafts.queries import forgotten_drafts
from panjereh.common import clock
from panjereh.sdk import exchange

log = logging.getLogger("panjereh.agency")
logging.getLogger("procrastinate").setLevel(logging.WARNING)  # it tells of every job otherwise

CONCURRENCY = 4
POLL_SECONDS = 0.5  # for jobs that wait for a time; new ones are announced by NOTIFY
KEEP_JOBS_HOURS = 72


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


@app.periodic(cron="17 3 * * *")
@app.task(name="agency.tidy", queue=job_queue.CASES, queueing_lock="agency.tidy")
async def tidy(timestamp: int) -> None:
    """Nothing personal is kept that nobody needs: old drafts go, and so do finished jobs."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_JOBS_HOURS)
    await forgotten_drafts().adelete()


async def run_jobs(stop: asyncio.Event) -> None:
    """Work until `stop`, and watch over what no job will do."""
    with app.replace_connector(DjangoConnector().get_worker_connector()):
        async with app.open_async():
            worker = app.run_worker_async(
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=POLL_SECONDS,
                install_signal_handlers=False,
                shutdown_graceful_timeout=10,
                delete_jobs="successful",
            )
            await _together(stop, asyncio.create_task(worker), asyncio.create_task(watch.run(stop)))


async def _together(stop: asyncio.Event, *tasks: "asyncio.Task[None]") -> None:
    """Until `stop`; a task that ends by itself ends all, with its own error."""
    stopping = asyncio.create_task(_stopped(stop))
    done, _ = await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done - {stopping}:
        task.result()


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()
