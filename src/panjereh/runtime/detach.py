"""Leave the supervisor in the background, but not before it is ready or has failed."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from panjereh.runtime.progress import Progress

READY = b"\0"

Run = Callable[[Progress, Callable[[], None]], int]


def detached(run: Run, log: Path) -> int:
    """Run in a session of its own; show its progress here until it is ready or has ended."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        os._exit(_in_background(run, write_end, log))
    os.close(write_end)
    try:
        return 0 if _show_until_ready(read_end) else _exit_code(pid)
    except KeyboardInterrupt:
        os.kill(pid, signal.SIGTERM)
        return _exit_code(pid)


def _in_background(run: Run, write_end: int, log: Path) -> int:
    os.setsid()
    log.parent.mkdir(parents=True, exist_ok=True)
    with Path(os.devnull).open() as nothing, log.open("a", buffering=1) as told:
        os.dup2(nothing.fileno(), 0)
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
        out = os.fdopen(write_end, "w")
        progress = Progress(out)

        def when_ready() -> None:
            out.write(READY.decode())
            out.close()
            progress.out = told

        return run(progress, when_ready)


def _show_until_ready(read_end: int) -> bool:
    while chunk := os.read(read_end, 65536):
        sys.stdout.write(chunk.replace(READY, b"").decode(errors="replace"))
        sys.stdout.flush()
        if READY in chunk:
            return True
    return False


def _exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
