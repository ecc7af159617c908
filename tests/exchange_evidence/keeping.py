"""Run the worker's task: here for as long as there is something to read, or as a process to kill.

As a program: `python keeping.py HOME NATS_URL [WITNESS ...]`.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ORIGIN = "nix.example/log"


def keep_until(size: int, nats_url: str, seconds: float = 20.0) -> None:
    """Keep the log until it has published that many entries."""
    from django.conf import settings

    from panjereh.exchange.evidence.config import config
    from panjereh.exchange.evidence.jobs import keep_log
    from panjereh.exchange.evidence.stored import published

    settings.NATS_URL = nats_url
    folder = config().folder

    async def keep() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(keep_log(stop))
        until = time.monotonic() + seconds
        while time.monotonic() < until and not task.done():
            seen = published(folder)
            if seen and seen.head.size >= size:
                break
            await asyncio.sleep(0.02)
        stop.set()
        await task

    asyncio.run(keep())


class Keeper:
    """The worker as a process of its own."""

    def __init__(self, home: Path, nats_url: str, output: Path) -> None:
        self._home, self._nats_url, self._output = home, nats_url, output
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(self._home), self._nats_url],
                stdout=output,
                stderr=output,
                env={**os.environ, "PANJEREH_HOME": str(self._home)},
            )

    def kill(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        assert self._process
        self._process.terminate()
        assert self._process.wait(20) == 0


def main(home: Path, nats_url: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")
    import django
    from django.conf import settings

    settings.EVIDENCE = {"folder": home / "evidence", "origin": ORIGIN}
    settings.KEYS, settings.NATS_URL = home / "keys", nats_url
    django.setup()
    asyncio.run(_until_told())


async def _until_told() -> None:
    from panjereh.exchange.evidence.jobs import keep_log

    stop: Any = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await keep_log(stop)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
