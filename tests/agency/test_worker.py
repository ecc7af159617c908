"""The real worker on the real queue: woken by NOTIFY, stopped cleanly, revived when it died."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test import Client
from playing_exchange import PlayingExchange
from walking import fill_in, submit

from panjereh.agency.jobs import run_jobs
from panjereh.agency.models import Case

pytestmark = pytest.mark.django_db(transaction=True)


class Worker:
    """`run_jobs` in a loop of its own, as the worker process runs it."""

    def __init__(self) -> None:
        self.fault: BaseException | None = None
        self.stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._started.wait(10)

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except BaseException as error:
            self.fault = error

    async def _work(self) -> None:
        self.stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._started.set()
        await run_jobs(self.stop)

    def end(self) -> None:
        assert self.stop is not None
        self._loop.call_soon_threadsafe(self.stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture(autouse=True)
def short_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's thread keeps its connection; here it must be gone when the test is over."""
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def worker() -> Iterator[Worker]:
    working = Worker()
    yield working
    working.end()
    assert working.fault is None


def wait_for(case: Case, status: str, seconds: float = 20) -> float:
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        case.refresh_from_db()
        if case.status == status:
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"still {case.status} after {seconds} s")


@pytest.mark.req("AGW-03", "AGW-04")
def test_the_certificate_is_there_in_a_moment_and_the_promise_is_kept(
    mother: Client, exchange: PlayingExchange, worker: Worker
) -> None:
    fill_in(mother)
    case = submit(mother)
    seconds = wait_for(case, "delivered")
    assert seconds < 5, "no step waits for a queue to be polled"
    assert case.closed_at is not None
    assert case.closed_at < case.promised_at
    assert len(exchange.documents) == 1


@pytest.mark.req("PER-13", "SMT-12")
def test_a_provider_that_comes_back_is_found_within_seconds(
    mother: Client, exchange: PlayingExchange, worker: Worker
) -> None:
    fill_in(mother)
    exchange.down = {"health-registry"}
    case = submit(mother)
    wait_for(case, "trouble")
    exchange.down = set()
    wait_for(case, "delivered")
    assert len(exchange.births) == 1


def test_a_worker_stops_when_it_is_asked_to(newborn: object, worker: Worker) -> None:
    assert worker.fault is None


def test_a_job_of_a_dead_worker_is_taken_up_again(
    mother: Client, exchange: PlayingExchange
) -> None:
    fill_in(mother)
    case = submit(mother)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 hour') RETURNING id"
        )
        dead = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s "
            "WHERE task_name = 'agency.advance_case'",
            [dead],
        )
    working = Worker()
    try:
        wait_for(case, "delivered")
    finally:
        working.end()
