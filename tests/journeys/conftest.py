"""A whole platform of its own, and people who walk through it in a browser without scripts."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from support.browser import DESKTOP, browser
from support.citizen import Citizen

from panjereh.runtime.environment import Environment
from panjereh.sandbox.demo.own_platform import own_platform

__all__ = ["browser"]

_mothers = count()


@pytest.fixture(scope="session")
def platform() -> Iterator[Environment]:
    with own_platform() as env:
        yield env


@pytest.fixture
def in_floor(platform: Environment) -> Callable[..., str]:
    """Run Python as a process of one floor of the platform; answers what it prints."""

    def run(floor: str, code: str) -> str:
        prepared = f"from panjereh.runtime.prepare import setup; setup({floor!r})\n{code}"
        return subprocess.run(
            [sys.executable, "-c", prepared],
            env=platform.values,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.fixture
def mother_facts(in_floor: Callable[..., str]) -> dict[str, Any]:
    """A mother whom no other test uses."""
    code = (
        "import json; from panjereh.sandbox.people import next_mother\n"
        f"print(json.dumps(next_mother(skip={next(_mothers)})))"
    )
    found: dict[str, Any] = json.loads(in_floor("registries", code))
    return found


@pytest.fixture
def citizen(platform: Environment, browser: Browser) -> Iterator[Callable[..., Citizen]]:
    """`citizen(facts, lang="fa", width=1280)`: somebody with a browser and a phone.

    Scripts are off; only a check that itself runs in the page needs them on.
    """
    contexts = []

    def arrive(
        facts: dict[str, Any], lang: str = "fa", width: int = 1280, *, scripts: bool = False
    ) -> Citizen:
        context = browser.new_context(
            viewport={"width": width, "height": DESKTOP["height"]},
            java_script_enabled=scripts,
            locale="fa-IR" if lang == "fa" else "en-GB",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Citizen(platform, facts, context.new_page(), lang)

    yield arrive
    for context in contexts:
        context.close()


@pytest.fixture
def mother(mother_facts: dict[str, Any], citizen: Callable[..., Citizen]) -> Citizen:
    return citizen(mother_facts)


@pytest.fixture
def logs(platform: Environment) -> Callable[[], str]:
    folder = Path(platform.home) / "logs"
    return lambda: "\n".join(p.read_text(errors="replace") for p in folder.glob("*.log*"))
