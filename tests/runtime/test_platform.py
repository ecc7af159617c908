"""The whole platform as a newcomer starts it: killed in parts and as a whole, it comes back."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from conftest import COMMAND

from panjereh.runtime.environment import PORTS, Environment
from panjereh.runtime.home import Home, PlatformState
from panjereh.runtime.ports import free_ports
from panjereh.runtime.processes import is_same_process
from panjereh.runtime.service import port_is_free

pytestmark = pytest.mark.journey

MOST_MEMORY_MIB = 1536
SECOND_START_SECONDS = 15


class Platform:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.env = Environment(environment)
        self.home = Home(self.env.home)

    def call(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            cwd="/",
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def status(self) -> dict[str, dict[str, Any]]:
        return {s["name"]: s for s in json.loads(self.call("status", "--json"))["services"]}

    def kill(self, service: str) -> int:
        pid: int = self.status()[service]["pid"]
        os.kill(pid, signal.SIGKILL)
        return pid

    def up_in_the_foreground_until(self, word: str) -> tuple[str, PlatformState]:
        self.foreground = subprocess.Popen(
            [*COMMAND, "up"], env=self.environment, stdout=subprocess.PIPE, text=True, cwd="/"
        )
        assert self.foreground.stdout
        shown = ""
        for line in self.foreground.stdout:
            shown += line
            if word in line:
                break
        return shown, self.home.read_state()

    def press_ctrl_c(self) -> str:
        self.foreground.send_signal(signal.SIGINT)
        rest, _ = self.foreground.communicate(timeout=60)
        assert self.foreground.returncode == 0
        return rest

    def count(self, floor: str, table: str) -> int:
        with psycopg.connect(self.env.database_url(floor)) as wire:
            row = wire.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row
            return int(row[0])


@pytest.fixture(scope="module")
def platform(
    platform_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    home = tmp_path_factory.mktemp("platform") / "home"
    platform = Platform(
        platform_environment
        | {
            "PANJEREH_HOME": str(home),
            "PANJEREH_PORT": str(free_ports(PORTS)),
            "PANJEREH_PEOPLE": "1000",
            "NO_COLOR": "1",
        }
    )
    platform.call("up", "--detach")
    yield platform
    platform.call("down")
    platform.call("reset", "--yes")


def eventually(true: Callable[[], object], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def all_well(platform: Platform) -> bool:
    return all(s["health"] == "ok" and s["state"] == "ready" for s in platform.status().values())


def test_everything_answers_and_fits_into_a_small_machine(platform: Platform) -> None:
    assert all_well(platform)
    told = json.loads(platform.call("status", "--json"))
    assert told["memory_mib"] < MOST_MEMORY_MIB
    assert all(s["pid"] and s["memory_mib"] and s["start_seconds"] for s in told["services"])
    assert {s["version"] for s in told["services"] if s["name"] in {"window", "exchange"}} == {
        "0.1.0"
    }


def test_there_is_somebody_to_try(platform: Platform) -> None:
    mother = json.loads(platform.call("sandbox", "person", "--json"))
    assert mother["national_id"] and mother["mobile"] and mother["notice_id"]


@pytest.mark.parametrize("service", ["window", "exchange", "national-worker", "nats"])
def test_a_killed_child_comes_back(platform: Platform, service: str) -> None:
    before = platform.kill(service)
    eventually(lambda: platform.status()[service]["pid"] not in {0, before})
    eventually(lambda: all_well(platform))
    assert platform.status()[service]["restarts"] >= 1
    assert f"{service} was killed by SIGKILL" in platform.call("logs", "supervisor")


def test_a_killed_database_comes_back_with_everything_and_all_floors_find_it(
    platform: Platform,
) -> None:
    people = platform.count("registries", "civil_person")
    before = platform.kill("postgres")

    eventually(lambda: platform.status()["postgres"]["pid"] not in {0, before})
    eventually(lambda: all_well(platform))

    assert platform.count("registries", "civil_person") == people


def test_events_of_before_reach_their_handlers_after_nats_and_worker_were_killed(
    platform: Platform,
) -> None:
    """What a deed wrote into the outbox is carried on by whoever starts next."""
    platform.kill("nats")
    platform.kill("registries-worker")
    event = "gen_random_uuid()"
    with psycopg.connect(platform.env.database_url("registries")) as wire:
        wire.execute(
            "INSERT INTO outbox_outboxevent (event_id, type, body, created_at)"
            f" VALUES ({event}, 'registries.test.happened', '{{}}', now())"
        )
    waiting = "outbox_outboxevent WHERE published_at IS NULL"
    eventually(lambda: platform.count("registries", waiting) == 0)


def test_the_nation_can_grow_while_it_runs(platform: Platform) -> None:
    told = platform.call("sandbox", "--people", "1500")
    assert "The nation has 1,500 people; it took" in told
    assert platform.count("registries", "civil_person") >= 1500


def test_killed_as_a_whole_it_leaves_no_process_and_starts_again(platform: Platform) -> None:
    state = platform.home.read_state()
    people = platform.count("registries", "civil_person")

    os.kill(state.pid, signal.SIGKILL)

    eventually(
        lambda: not any(is_same_process(s.pid, s.pid_started) for s in state.services), seconds=20
    )
    assert "Nothing runs" in platform.call("status", code=3)
    began = time.monotonic()
    platform.call("up", "--detach")
    seconds = time.monotonic() - began
    assert all_well(platform)
    assert platform.count("registries", "civil_person") == people
    allowed = SECOND_START_SECONDS * max(1.0, os.getloadavg()[0] / 2)  # neighbours on the machine
    assert seconds < allowed, f"the second start took {seconds:.1f} s"


def test_stopped_by_down_and_in_the_foreground_by_ctrl_c_it_leaves_no_process(
    platform: Platform,
) -> None:
    state = platform.home.read_state()
    assert "Stopped." in platform.call("down")
    assert_gone(platform, state)

    shown, state = platform.up_in_the_foreground_until("Ctrl-C stops")
    assert len(shown.splitlines()) <= 40, "it fits on one screen"
    assert "Tables" not in shown, "nothing superfluous is done again"
    assert "Stopping everything" in platform.press_ctrl_c()
    assert_gone(platform, state)


def assert_gone(platform: Platform, state: PlatformState) -> None:
    assert not any(is_same_process(s.pid, s.pid_started) for s in state.services)
    assert not is_same_process(state.pid, state.pid_started)
    assert all(port_is_free(platform.env.base_port + offset) for offset in range(11))
