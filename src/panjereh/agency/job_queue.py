"""Put a job into the queue in the transaction that makes it necessary.

Inside a worker, procrastinate's own `defer` goes through the worker's pool, outside Django's
transaction: a job could then run for a deed that was rolled back. So the job is always written
on Django's connection.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from procrastinate import tasks
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

CASES, TELLING = "cases", "telling"
FIRST, LATER = 10, 0  # what moves a case goes before what tells of it

ADVANCE = "agency.advance_case"
REPORT = "agency.report_events"
MESSAGE = "agency.send_message"


def defer(
    name: str, *, queue: str, at: datetime | None = None, lock: str = "", **args: Any
) -> None:
    """Raises `RuntimeError` outside a transaction. Arguments are ids only, never personal data."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{name} was deferred outside the transaction of its deed")
    tasks.configure_task(
        name=name,
        job_manager=JobManager(DjangoConnector()),
        queue=queue,
        priority=FIRST if queue == CASES else LATER,
        schedule_at=at,
        lock=lock or None,
    ).defer(**args)


def defer_advance(case_id: int, at: datetime | None = None) -> None:
    """No lock: the row of the instance is one, and a second job finds nothing left to do."""
    defer(ADVANCE, queue=CASES, at=at, case_id=case_id)


def defer_report(case_id: int) -> None:
    """One at a time per case, for the tracking shows steps in the order in which they arrive."""
    defer(REPORT, queue=TELLING, lock=f"report-{case_id}", case_id=case_id)


def defer_message(case_id: int, subject: str) -> None:
    defer(MESSAGE, queue=TELLING, case_id=case_id, subject=subject)
