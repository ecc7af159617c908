"""How long the sign-on takes to register a person, its calls to the registries included.

    .venv/bin/python bench/sso/register.py [--people 40] [--json FILE]

On a platform of its own: each answer of the sign-on from the first question to the running
account is timed and summed; what the person needs to type, and the SMS to arrive, is not. The
limit: a median under 400 ms on two idle cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from panjereh.runtime.environment import Environment
from panjereh.runtime.services import child_environment
from panjereh.sandbox.demo.own_platform import own_platform
from panjereh.sandbox.demo.people import Somebody, VirtualPhone
from panjereh.sandbox.walker import Page, Walker

LIMIT_MS = 400
ADULTS = """
import json
from panjereh.runtime.prepare import setup
setup("registries")
from panjereh.sandbox.people import someone
print(json.dumps([someone(n) for n in range({count})]))
"""
SETTLE_SECONDS = 5


class Timed(Walker):
    """`spent` is what the sign-on's answers took."""

    spent = 0.0

    def _send(self, method: str, url: str, body: bytes, referer: str) -> Page:
        began = time.perf_counter()
        page = super()._send(method, url, body, referer)
        if (urlsplit(url).hostname or "").startswith("sso."):
            self.spent += time.perf_counter() - began
        return page


def main() -> None:
    given = arguments()
    load = os.getloadavg()[0]
    with own_platform(people=3_000) as env:
        time.sleep(SETTLE_SECONDS)
        everybody = adults(env, given.people + 1)
        first, *measured = [registration(env, facts) for facts in everybody]
    figures = {
        "registrations": len(measured),
        "median_ms": round(statistics.median(measured)),
        "min_ms": round(min(measured)),
        "max_ms": round(max(measured)),
        "first_ms": round(first),
        "load_before": round(load, 2),
        "limit_ms": LIMIT_MS,
    }
    print("\n".join(f"{name:<14}{value}" for name, value in figures.items()))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def adults(env: Environment, count: int) -> list[dict[str, Any]]:
    """Different people each, who have no account yet."""
    code = ADULTS.format(count=count)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=child_environment(env),
        stdout=subprocess.PIPE,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def registration(env: Environment, facts: dict[str, Any]) -> float:
    walker = Timed()
    page = walker.open(f"{env.public_urls['sso']}/fa/login/")
    walker.spent = 0.0
    Somebody(facts, walker, VirtualPhone(env, facts["mobile"])).sign_in(page)
    return 1000 * walker.spent


if __name__ == "__main__":
    main()
