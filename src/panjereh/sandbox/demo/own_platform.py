"""A platform that lives only as long as a `with` block: temporary folder, free ports."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panjereh.runtime.environment import Environment

PORTS = 11
PEOPLE = 1_000


@contextmanager
def own_platform(people: int = PEOPLE) -> Iterator[Environment]:
    with tempfile.TemporaryDirectory(prefix="panjereh-") as folder:
        Path(folder).chmod(0o755)
        values = _inherited() | {
            "PANJEREH_HOME": str(Path(folder) / "home"),
            "PANJEREH_PORT": str(free_ports()),
            "PANJEREH_PEOPLE": str(people),
        }
        _panjereh(values, "up", "--detach")
        try:
            yield Environment(values)
        finally:
            _panjereh(values, "down")


def _inherited() -> dict[str, str]:
    """Our surroundings without what names another platform."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PANJEREH_")}


def _panjereh(values: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-c", "from panjereh.cli import main; main()", *arguments],
        env=values,
        check=True,
        stdout=sys.stderr,
    )


def free_ports() -> int:
    """The first of eleven neighbouring ports that nobody uses."""
    for first in range(20_000, 60_000, 50):
        if all(_free(first + n) for n in range(PORTS)):
            return first
    raise RuntimeError("no eleven free neighbouring ports on this machine")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
