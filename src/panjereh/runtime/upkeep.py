"""Deeds on an installation from outside its supervisor: stop it, delete it, read its logs."""

import os
import shutil
import signal
import time
from collections.abc import Iterator

from panjereh.runtime import logs
from panjereh.runtime.embedded import Postgres
from panjereh.runtime.home import MARKER, Home, HomeRefused
from panjereh.runtime.processes import is_same_process

STOP_SECONDS = 90.0
FOLLOW_SECONDS = 0.3


def down(home: Home) -> bool:
    """Stop the running platform and return when it is gone. False when nothing ran."""
    state = home.read_state()
    if not home.is_locked():
        return False
    if not is_same_process(state.pid, state.pid_started):
        raise HomeRefused("Panjereh is just starting or stopping; try again in a moment.")
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while home.is_locked():
        if time.monotonic() > deadline:
            raise HomeRefused(f"Process {state.pid} does not stop; see {home.logs}.")
        time.sleep(0.1)
    return True


def reset(home: Home) -> None:
    """Delete the installation's data, keys and logs; refuse while it runs or is not ours."""
    if not home.folder.exists():
        return
    if not (home.folder / MARKER).exists():
        raise HomeRefused(f"{home.folder} is no home folder of Panjereh; nothing was deleted.")
    with home.locked():
        home.end_leftovers()
        Postgres(home.folder).remove()
        shutil.rmtree(home.folder)


def log_names(home: Home) -> list[str]:
    return sorted(path.stem for path in home.logs.glob("*.log"))


def read_logs(home: Home, services: list[str], *, count: int) -> Iterator[str]:
    """The last lines, each with its service when there are several."""
    for service in services:
        for line in logs.last_lines(home.logs / f"{service}.log", count):
            yield _labelled(service, line, services)


def follow_logs(home: Home, services: list[str]) -> Iterator[str]:
    followers = {service: logs.Follower(home.logs / f"{service}.log") for service in services}
    while True:
        for service, follower in followers.items():
            for line in follower.fresh_lines():
                yield _labelled(service, line, services)
        time.sleep(FOLLOW_SECONDS)


def _labelled(service: str, line: str, services: list[str]) -> str:
    return f"{service:<18} {line}" if len(services) > 1 else line
