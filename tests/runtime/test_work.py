"""A worker runs all tasks of its floor, or ends so that the supervisor starts it again."""

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from panjereh.runtime import work


async def steady(stop: asyncio.Event) -> None:
    await stop.wait()


async def broken(stop: asyncio.Event) -> None:
    raise ConnectionError("the stream is away")


async def forgetful(stop: asyncio.Event) -> None:
    return


async def deaf(stop: asyncio.Event) -> None:
    await asyncio.sleep(1000)


def run(*tasks: work.Task, ready: Path | None = None) -> int:
    return asyncio.run(work.run({task.__name__: task for task in tasks}, ready))  # type: ignore[attr-defined]


def test_sigterm_ends_all_tasks_well() -> None:
    async def asks(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()

    assert run(steady, asks) == 0


@pytest.mark.parametrize("task", [broken, forgetful])
def test_a_task_that_ends_early_ends_the_worker_and_is_named(
    task: work.Task, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert run(steady, task) == 1
    assert f"work.task.crashed task={task.__name__}" in caplog.text  # type: ignore[attr-defined]


def test_it_reports_its_pid_once_its_tasks_run(tmp_path: Path) -> None:
    ready = tmp_path / "worker.ready"
    seen: list[str] = []

    async def looks(stop: asyncio.Event) -> None:
        while not ready.exists():
            await asyncio.sleep(0.01)
        seen.append(ready.read_text())
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()

    assert run(looks, ready=ready) == 0
    assert seen == [str(os.getpid())]


def test_a_task_that_does_not_listen_is_cancelled(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(work, "STOP_SECONDS", 0.1)
    assert run(deaf, broken) == 1
    assert "work.stop.late task=deaf" in caplog.text
