"""A floor needs no other floor to stand: its own database, its own process, its health page."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from conftest import health_of, serving

from panjereh.runtime.environment import FLOORS, SITES
from panjereh.runtime.sandbox_keys import make_sandbox_keys

FLOOR_OF = {"operator": "exchange", "phone": "sandbox"}
POSTGRES = os.environ["PANJEREH_TEST_POSTGRES"]


def floor_of(site: str) -> str:
    return FLOOR_OF.get(site, site)


def url_of(database: str) -> str:
    return f"postgresql:///{database}?host={POSTGRES}&user=postgres"


@contextmanager
def fresh_database(name: str) -> Iterator[str]:
    with psycopg.connect(url_of("postgres"), autocommit=True) as wire:
        wire.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        wire.execute(f"CREATE DATABASE {name}")
        yield url_of(name)
        wire.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def alone(surroundings: dict[str, str], home: Path) -> dict[str, str]:
    """Surroundings in which no floor has a database; a test gives one to its own."""
    home.mkdir()
    make_sandbox_keys(home)
    nowhere = {
        f"PANJEREH_{f.upper()}_DATABASE_URL": "postgresql:///x?host=/nowhere" for f in FLOORS
    }
    stream = os.environ.get("PANJEREH_NATS_URL", "nats://127.0.0.1:1")
    return surroundings | nowhere | {"PANJEREH_NATS_URL": stream}


def prepare(floor: str, environment: dict[str, str]) -> None:
    """Tables and what the sandbox begins with: an SSO without keys is not well, and says so."""
    command = [sys.executable, "-m", "panjereh.runtime.prepare", floor, "500"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("site", SITES)
def test_a_floor_alone_migrates_and_serves_its_health(
    site: str, alone: dict[str, str], base_port: int
) -> None:
    floor = floor_of(site)
    with fresh_database(f"alone_{site}") as url:
        environment = alone | {f"PANJEREH_{floor.upper()}_DATABASE_URL": url}
        prepare(floor, environment)
        with serving(site, environment) as process:
            told = health_of(base_port + SITES[site][1], process, wanted=200)
            process.terminate()
            assert process.wait(20) == 0, "it stops well when it is asked to"
    assert told["status"] == "ok"
    assert told["floor"] == floor
    assert told["version"]


def test_without_its_database_a_floor_says_so(alone: dict[str, str], base_port: int) -> None:
    with serving("registries", alone) as process:
        told = health_of(base_port + SITES["registries"][1], process, wanted=503)
    assert told["status"] == "down"
    assert "database" in told["reason"]
