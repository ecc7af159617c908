"""Work off the queue of the agency in the test's own transaction, as a worker would."""

from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

TAKE = """
    DELETE FROM procrastinate_jobs WHERE id = (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND (%s OR scheduled_at IS NULL OR scheduled_at <= now())
        ORDER BY id LIMIT 1
    ) RETURNING task_name, args
"""


def take_job(*, early: bool = False) -> tuple[str, dict[str, Any]] | None:
    """The next job; with `early` also one that waits for its time."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [early])
        row = cursor.fetchone()
    if row is None:
        return None
    import json

    return row[0], row[1] if isinstance(row[1], dict) else json.loads(row[1])


def work_off(*, early: bool = False, at_most: int = 200) -> list[str]:
    """Do every job there is; the names of what was done."""
    done = []
    while len(done) < at_most and (job := take_job(early=early)):
        name, args = job
        app.tasks[name].func(**args)
        done.append(name)
    return done


def jobs_waiting() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def lose_all_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
