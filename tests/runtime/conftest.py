"""The runtime under test: the command line as a person calls it, and free ports to call it on."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from panjereh.runtime.environment import PORTS
from panjereh.runtime.ports import free_ports
from panjereh.runtime.service import health_answer

Panjereh = Callable[..., "subprocess.CompletedProcess[str]"]

COMMAND = [sys.executable, "-c", "from panjereh.cli import main; main()"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def base_port() -> int:
    return free_ports(PORTS)


@pytest.fixture
def surroundings(
    platform_environment: dict[str, str], home: Path, base_port: int
) -> dict[str, str]:
    return platform_environment | {
        "PANJEREH_HOME": str(home),
        "PANJEREH_PORT": str(base_port),
        "PANJEREH_PEOPLE": "500",
        "NO_COLOR": "1",
    }


@pytest.fixture
def panjereh(surroundings: dict[str, str]) -> Panjereh:
    """`panjereh("status", "--json", answer="y", PANJEREH_PROFILE="production")`"""

    def call(
        *arguments: str, answer: str = "", seconds: float = 120, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMAND, *arguments],
            env=surroundings | variables,
            input=answer,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            cwd="/",
        )

    return call


@contextmanager
def serving(site: str, environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "panjereh.runtime.serve", site]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def health_of(port: int, process: "subprocess.Popen[bytes]", *, wanted: int) -> dict[str, str]:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1].decode()
        status, body = health_answer(port, seconds=4)
        if status == wanted:
            told: dict[str, str] = json.loads(body)
            return told
        time.sleep(0.1)
    raise AssertionError(f"/health answers {status}, not {wanted}: {body!r}")
