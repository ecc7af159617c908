"""`python -m panjereh.runtime.work <site>`: the background tasks of one site, in one process."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from panjereh.runtime.environment import SITES, environment
from panjereh.runtime.metrics import WORKER, serve_metrics
from panjereh.runtime.production import refuse_unfit_production

log = logging.getLogger("panjereh.work")

Task = Callable[[asyncio.Event], Awaitable[None]]
STOP_SECONDS = 15.0


class TaskEnded(Exception):
    """A task is meant to run until `stop`; this one did not."""


def main(arguments: list[str]) -> None:
    site = arguments[0] if arguments else ""
    if site not in SITES or site == "exchange":
        raise SystemExit(f"unknown site {site!r}")
    refuse_unfit_production(environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = f"panjereh.runtime.settings.{site}"
    serve_metrics(environment(), site, WORKER)
    tasks = _tasks_of_the_floor()
    ready_file = os.environ.get("PANJEREH_READY_FILE")
    raise SystemExit(asyncio.run(run(tasks, Path(ready_file) if ready_file else None)))


def _tasks_of_the_floor() -> dict[str, Task]:
    import django  # noqa: PLC0415  # settings come first
    from django.conf import settings  # noqa: PLC0415
    from django.utils.module_loading import import_string  # noqa: PLC0415

    django.setup()
    return {name: import_string(name) for name in settings.WORKER_TASKS}


async def run(tasks: dict[str, Task], ready_file: Path | None) -> int:
    """Run all tasks until SIGTERM. A task that ends early ends the process: half a worker lies.

    Returns the exit code.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = {
        asyncio.create_task(_kept(name, task, stop), name=name) for name, task in tasks.items()
    }
    stopped = asyncio.create_task(stop.wait())
    await asyncio.sleep(0)
    if ready_file:
        ready_file.write_text(str(os.getpid()))
    done, _ = await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
    failed = any(task.exception() for task in done if task is not stopped)
    stop.set()
    _, late = await asyncio.wait(running, timeout=STOP_SECONDS) if running else (set(), set())
    for task in late:
        log.warning("work.stop.late task=%s", task.get_name())
        task.cancel()
    return 1 if failed else 0


async def _kept(name: str, task: Task, stop: asyncio.Event) -> None:
    try:
        await task(stop)
        if not stop.is_set():
            raise TaskEnded(f"{name} returned before it was asked to stop")
    except Exception:
        log.exception("work.task.crashed task=%s", name)
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
