"""A registry is away, a process is killed: the person is told, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from support.citizen import Citizen

from panjereh.runtime.environment import Environment

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@contextmanager
def out_of_service(in_floor: Callable[..., str], system: str) -> Iterator[None]:
    """The custodian pauses its registry, and puts it back."""
    sandbox = "from panjereh.sandbox import registries as r; r."
    in_floor("registries", f"{sandbox}pause({system!r})")
    try:
        yield
    finally:
        in_floor("registries", f"{sandbox}resume({system!r})")


def pid_of(platform: Environment, service: str) -> int:
    told = subprocess.run(
        [sys.executable, "-c", "from panjereh.cli import main; main()", "status", "--json"],
        env=platform.values,
        capture_output=True,
        text=True,
        check=True,
    )
    services = json.loads(told.stdout)["services"]
    return int(next(s["pid"] for s in services if s["name"] == service))


@pytest.mark.req("PER-13", "OPS-04")
def test_the_hospitals_registry_is_away_and_the_case_goes_on_by_itself(
    mother: Citizen, in_floor: Callable[..., str]
) -> None:
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.confirms_the_address()

    with out_of_service(in_floor, "health-registry"):
        tracking_id = mother.sends()
        mother.waits_until("text=چیزی گم")
        assert not mother.page.locator("#document-link").count()

    mother.waits_until("#document-link")
    assert tracking_id in mother.page.content()


@pytest.mark.req("PER-13")
def test_a_registry_that_is_away_before_the_form_is_told_kindly(
    mother: Citizen, in_floor: Callable[..., str]
) -> None:
    with out_of_service(in_floor, "health-registry"):
        mother.arrives_at_the_form()
        assert not mother.page.locator("main input[type=text]").count()
        told = mother.reads()
        assert "وزارت بهداشت" in told
    mother.page.reload()
    mother.reaches_the_address()
    assert mother.page.locator("main input").count()


@pytest.mark.parametrize("service", ["registries", "agency-worker", "national", "exchange"])
@pytest.mark.req("OPS-04", "NIX-41")
def test_a_process_killed_in_the_middle_costs_nothing(
    mother: Citizen, platform: Environment, service: str
) -> None:
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.confirms_the_address()
    mother.sends()

    os.kill(pid_of(platform, service), signal.SIGKILL)

    mother.waits_until("#document-link")
    mother.open("window", "me/family/")
    mother.waits_until(f"text={mother.child_name}")
    assert mother.reads().count(mother.child_name) == 1
