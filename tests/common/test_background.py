"""Background tasks: a database that goes away ends none of them, and they stop when told."""

import asyncio
import os

import psycopg
import pytest
from django.db import DatabaseError, connection

from panjereh.common.background import attempt, pause, repeat

pytestmark = pytest.mark.django_db(transaction=True)


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end_server_process(pid: int) -> None:
    """As a server that is killed ends it: under the feet of whoever uses it."""
    socket = os.environ["PANJEREH_TEST_POSTGRES"]
    with psycopg.connect(host=socket, user="postgres", dbname="postgres", autocommit=True) as wire:
        wire.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_lost_connection_ends_one_attempt_and_the_next_has_a_new_one() -> None:
    async def tries() -> tuple[int | None, int | None, int | None]:
        first = await attempt(ask)
        assert first
        await asyncio.to_thread(end_server_process, first)
        return first, await attempt(ask), await attempt(ask)

    first, lost, again = asyncio.run(tries())
    assert lost is None
    assert again not in (None, first)


def test_what_is_no_matter_of_the_database_is_not_hidden() -> None:
    def breaks() -> None:
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="ours"):
        asyncio.run(attempt(breaks))


def test_it_goes_on_through_failures_until_it_is_told_to_stop() -> None:
    rounds: list[int] = []

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def turn() -> None:
            rounds.append(len(rounds))
            if len(rounds) == 3:
                loop.call_soon_threadsafe(stop.set)
            raise DatabaseError("away")

        await asyncio.wait_for(repeat(stop, 0, turn), 10)

    asyncio.run(run())
    assert rounds == [0, 1, 2]


def test_a_pause_ends_with_the_word_to_stop() -> None:
    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_soon(stop.set)
        await asyncio.wait_for(pause(stop, 3600), 10)

    asyncio.run(run())
