"""A platform of `sleep`s: `tiny_platform.py <home> <rows as JSON>`; the tests kill its parts."""

import json
import sys
from pathlib import Path

from panjereh.runtime.home import Home, HomeRefused
from panjereh.runtime.service import Service
from panjereh.runtime.supervisor import ServiceFailed, StopRequested, Supervisor


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def table(rows: list[dict[str, object]]) -> list[Service]:
    return [
        Service(
            name=str(row["name"]),
            command=lambda row=row: row["command"],
            ready=lambda _pid: True,
            tier=int(str(row.get("tier", 0))),
            environment={"PATH": "/usr/bin:/bin"},
            stop_seconds=float(str(row.get("stop_seconds", 5))),
        )
        for row in rows
    ]


def main(folder: str, rows: str) -> int:
    home = Home(Path(folder))
    try:
        home.prepare()
        with home.locked():
            return watch(home, table(json.loads(rows)))
    except HomeRefused as refusal:
        say(str(refusal))
        return 1


def watch(home: Home, services: list[Service]) -> int:
    say(f"leftovers {home.end_leftovers()}")
    supervisor = Supervisor(services, home, say)
    with supervisor.listening():
        try:
            for tier in sorted({service.tier for service in services}):
                list(supervisor.start(tier, seconds=20))
            say("UP")
            supervisor.run()
        except (ServiceFailed, StopRequested) as end:
            say(f"{type(end).__name__} {end}")
            return 1
        finally:
            supervisor.stop()
            say("DOWN")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
