"""`make demo` is a newcomer's first impression: right, or it says what is wrong."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from panjereh.runtime.environment import Environment

pytestmark = pytest.mark.journey


def demo(platform: Environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from panjereh.cli import main; main()", "demo", "--json"],
        env=platform.values,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.mark.req("WIN-26", "NIX-03", "NIX-41")
def test_the_demo_tells_every_hop_and_the_operator_sees_the_calls(platform: Environment) -> None:
    done = demo(platform)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    floors = {hop["floor"] for hop in told["hops"]}
    assert {"1 window", "2 sso", "3 agency", "4 exchange", "national"} <= floors
    calls = [hop["what"] for hop in told["hops"] if "→" in hop["what"]]
    assert len(calls) >= 6
    assert any("birth" in call.lower() for call in calls)


def test_the_demo_fails_when_a_hop_is_wrong(
    platform: Environment, in_floor: Callable[..., str]
) -> None:
    sandbox = "from panjereh.sandbox import registries as r; r."
    in_floor("registries", f"{sandbox}pause('shahkar')")
    try:
        done = demo(platform)
    finally:
        in_floor("registries", f"{sandbox}resume('shahkar')")
    assert done.returncode == 1
    assert "wrong" in json.loads(done.stdout)
