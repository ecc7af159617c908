"""From pressing send to the signed certificate in the e-box, on a platform of its own.

    .venv/bin/python bench/journey/run.py [--journeys 15] [--json FILE]

The limit: a median under 1.5 s on two idle cores, with six or more calls inside. It takes about a
minute and ends by itself. The first journey warms the processes and is told apart.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

from panjereh.runtime.environment import Environment
from panjereh.runtime.person import person_to_try
from panjereh.sandbox.demo.journey import Journey
from panjereh.sandbox.demo.own_platform import own_platform
from panjereh.sandbox.demo.story import Story

LIMIT_SECONDS = 1.5
PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.02


def main() -> None:
    given = arguments()
    load = os.getloadavg()[0]
    with own_platform(people=3_000) as env:
        settle()
        first, *measured = [submit_to_e_box(env) for _ in range(given.journeys + 1)]
    figures = {
        "journeys": len(measured),
        "median_s": round(statistics.median(measured), 3),
        "min_s": round(min(measured), 3),
        "max_s": round(max(measured), 3),
        "first_s": round(first, 3),
        "load_before": round(load, 2),
        "limit_s": LIMIT_SECONDS,
    }
    print("\n".join(f"{name:<14}{value}" for name, value in figures.items()))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journeys", type=int, default=15)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def settle() -> None:
    """Starting seventeen processes is work; wait until it is done."""
    time.sleep(5)


def submit_to_e_box(env: Environment) -> float:
    """Seconds until a stranger's poll of her e-box page finds the letter."""
    journey = Journey(env, Story(), person_to_try(env))
    journey.fills_in(journey.registers(journey.finds_the_service()))
    e_box = env.public_urls["window"] + "/fa/ebox/"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page = journey.mother.walker.open(e_box)
        if page.tree.xpath("//main//a[contains(@href, '/ebox/')]"):
            return time.perf_counter() - journey.sent_at
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"no certificate of {journey.tracking_id} within {PATIENCE_SECONDS} s")


if __name__ == "__main__":
    main()
