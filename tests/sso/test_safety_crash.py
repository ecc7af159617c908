"""The database dies at once and comes back: nothing lives again, and locks are kept (row 35)."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from panjereh.runtime.embedded import Postgres

HERE = Path(__file__).parent


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    """What dies is the server, not the machine: what it has handed to the system stays."""
    server = Postgres(tmp_path, durable=False)
    server.start()
    with psycopg.connect(_address(server, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE crashing")
    yield server
    server.stop()


def _address(server: Postgres, database: str) -> str:
    return f"postgresql:///{database}?host={server.socket_folder}&user=postgres"


def _work(server: Postgres, *told: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "crash_side.py", *told],
        cwd=HERE,
        env=os.environ | {"PANJEREH_SSO_DATABASE_URL": _address(server, "crashing")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _die(server: Postgres) -> None:
    """The immediate shutdown: no checkpoint, no goodbye."""
    pid = int((server.data_folder / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)
    assert server._child is not None
    server._child.wait(30)


def test_after_a_crash_nothing_lives_again_and_locks_hold(postgres: Postgres) -> None:
    before = _work(postgres, "before")
    assert (before["first"], before["again"]) == (True, False)
    assert "sso_seentoken" not in before["empty"]
    _die(postgres)
    postgres.start()
    after = _work(postgres, "after", json.dumps(before))
    assert {"sso_seentoken", "sso_onetimecode", "sso_counter"} <= set(after["empty"])
    assert not after["replayed"], "what was made before the database started is refused"
    assert after["fresh"]
    assert after["code"] == "expired", "the person asks for a new code"
    assert after["locked"], "a crash forgives no lock"
    assert after["sessions"] == 1, "nor does it sign a nation out"
