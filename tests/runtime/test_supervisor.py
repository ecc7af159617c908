"""Children that die, parents that die, two parents at once: a table of `sleep`s stands in."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from panjereh.runtime.home import Home, ServiceState
from panjereh.runtime.processes import command_line, is_same_process, start_time
from panjereh.runtime.service import Service
from panjereh.runtime.supervisor import RESTART_SECONDS, ServiceFailed, Supervisor

TINY = Path(__file__).with_name("tiny_platform.py")
SLEEPERS = [
    {"name": "ground", "command": ["sleep", "1000"], "tier": 0},
    {"name": "floor", "command": ["sleep", "1000"], "tier": 1},
]


class Running:
    """A tiny platform in a process of its own."""

    def __init__(self, home: Path, rows: list[dict[str, Any]]) -> None:
        self.home = Home(home)
        self.process = subprocess.Popen(
            [sys.executable, str(TINY), str(home), json.dumps(rows)],
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        self.heard: list[str] = []

    def until(self, word: str) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            self.heard.append(line.rstrip())
            if word in line:
                return line
        raise AssertionError(f"{word!r} never came; it said {self.heard}")

    def child(self, name: str) -> ServiceState:
        return next(s for s in self.home.read_state().services if s.name == name)

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        self.process.communicate(timeout=20)
        return self.process.returncode


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    platforms: list[Running] = []

    def start(rows: list[dict[str, Any]] = SLEEPERS, *, up: bool = True) -> Running:
        platforms.append(Running(tmp_path / "home", rows))
        if up:
            platforms[-1].until("UP")
        return platforms[-1]

    yield start
    for platform in platforms:
        platform.end()


def eventually(true: Callable[[], object], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


Start = Callable[..., Running]


def test_sigterm_stops_all_and_leaves_no_process(started: Start) -> None:
    platform = started()
    children = platform.home.read_state().services
    assert [c.state for c in children] == ["ready", "ready"]

    assert platform.end() == 0

    assert not any(is_same_process(c.pid, c.pid_started) for c in children)
    assert not platform.home.state_file.exists()
    assert not platform.home.is_locked()


def test_ctrl_c_stops_all_the_same(started: Start) -> None:
    platform = started()
    children = platform.home.read_state().services
    platform.process.send_signal(signal.SIGINT)
    platform.until("DOWN")
    assert platform.ended() == 0
    assert not any(is_same_process(c.pid, c.pid_started) for c in children)


def test_what_started_first_stops_last(started: Start, tmp_path: Path) -> None:
    told = tmp_path / "order"
    script = "trap 'echo {0} >> {1}; exit 0' TERM; while :; do sleep 0.05; done"
    rows = [
        {"name": n, "command": ["bash", "-c", script.format(n, told)], "tier": tier}
        for tier, n in enumerate(["ground", "floor", "edge"])
    ]
    started(rows).end()
    assert told.read_text().split() == ["edge", "floor", "ground"]


def test_a_child_that_ignores_the_stop_is_killed(started: Start) -> None:
    stubborn = "trap '' TERM; while :; do sleep 0.05; done"
    platform = started(
        [{"name": "stubborn", "command": ["bash", "-c", stubborn], "stop_seconds": 0.3}]
    )
    child = platform.child("stubborn")
    assert platform.end() == 0
    assert not is_same_process(child.pid, child.pid_started)


def test_a_killed_child_is_started_again(started: Start) -> None:
    platform = started()
    first = platform.child("floor")

    os.kill(first.pid, signal.SIGKILL)

    assert "floor was killed by SIGKILL" in platform.until("floor")
    eventually(
        lambda: platform.child("floor").state == "ready" and platform.child("floor").restarts
    )
    again = platform.child("floor")
    assert again.pid != first.pid and again.restarts == 1
    assert platform.child("ground").restarts == 0


def test_what_never_comes_up_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    supervisor = Supervisor([broken_service()], home, lambda _text: None)

    with pytest.raises(ServiceFailed, match=r"broken ended with code 3.*(?s:.*)no table of cases"):
        list(supervisor.start(0))

    supervisor.stop()


def broken_service() -> Service:
    return Service(
        name="broken",
        command=lambda: ["bash", "-c", "echo no table of cases; exit 3"],
        ready=lambda _pid: False,
        tier=0,
        environment={"PATH": "/usr/bin:/bin"},
    )


def test_the_patience_has_a_limit(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    said: list[str] = []
    supervisor = Supervisor([broken_service()], home, said.append)
    child = supervisor.children["broken"]
    child.start()
    deadline = time.monotonic() + 20
    while child.state != "failed":
        assert time.monotonic() < deadline
        child.restart_at = 0  # do not wait for the backoff
        supervisor.tick()
        time.sleep(0.01)

    assert len(said) == len(RESTART_SECONDS) + 1
    assert "broken ended with code 3 6 times and was given up" in said[-1]
    assert "no table of cases" in said[-1]
    assert home.read_state().services[0].state == "failed"


def test_children_die_with_a_killed_parent_and_the_next_start_recovers(started: Start) -> None:
    first = started()
    children = first.home.read_state().services

    first.process.kill()
    first.process.wait()

    eventually(lambda: not any(is_same_process(c.pid, c.pid_started) for c in children))
    assert first.home.state_file.exists(), "nobody could clear it"
    assert not first.home.is_locked(), "the kernel let go of the lock"
    second = started()
    assert second.child("floor").state == "ready"


def test_a_child_that_outlives_its_parent_is_ended_by_the_next_start(started: Start) -> None:
    deaf = "trap '' TERM; while :; do sleep 0.05; done"
    first = started([{"name": "deaf", "command": ["bash", "-c", deaf]}])
    child = first.child("deaf")
    first.process.kill()
    first.process.wait()
    assert is_same_process(child.pid, child.pid_started)

    home = first.home
    with home.locked():
        assert home.end_leftovers(patience=0.3) == 1

    assert not is_same_process(child.pid, child.pid_started)


def test_a_stranger_with_a_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    """After a reboot the pid of the state file may belong to somebody else's program."""
    home = Home(tmp_path)
    home.prepare()
    stranger = subprocess.Popen(["sleep", "1000"])
    state = home.own_state()
    state.services = [
        ServiceState("old", "ready", pid=stranger.pid, pid_started=start_time(stranger.pid) - 1)
    ]
    home.write_state(state)

    assert home.end_leftovers() == 0

    assert command_line(stranger.pid) == "sleep 1000"
    stranger.kill()
    stranger.wait()


def test_two_supervisors_do_not_share_a_home(started: Start) -> None:
    first = started()
    second = started(up=False)
    line = second.until("already running")
    assert f"process {first.process.pid}" in line and "panjereh down" in line
    assert second.ended() == 1
    assert first.child("floor").state == "ready"


def test_a_full_disk_does_not_stop_what_runs(started: Start) -> None:
    """Writing to /dev/full really answers ENOSPC."""
    platform = started()
    (platform.home.run / "state.new").unlink(missing_ok=True)
    (platform.home.run / "state.new").symlink_to("/dev/full")

    os.kill(platform.child("floor").pid, signal.SIGKILL)

    assert "cannot write below" in platform.until("cannot write") + "".join(platform.heard)
    (platform.home.run / "state.new").unlink()
    eventually(lambda: platform.child("floor").restarts == 1)
    assert platform.end() == 0
