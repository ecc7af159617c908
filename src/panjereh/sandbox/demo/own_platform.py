"""A platform that lives only as long as a `with` block: temporary folder, free ports."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from panjereh.runtime.environment import PORTS, Environment
from panjereh.runtime.ports import free_ports

PEOPLE = 1_000


@contextmanager
def own_platform(people: int = PEOPLE) -> Iterator[Environment]:
    with tempfile.TemporaryDirectory(prefix="panjereh-") as folder:
        Path(folder).chmod(0o755)
        values = _inherited() | {
            "PANJEREH_HOME": str(Path(folder) / "home"),
            "PANJEREH_PORT": str(free_ports(PORTS)),
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
