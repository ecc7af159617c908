"""What a person sees while the platform starts, on a terminal, in a pipe, and when it is gone."""

import contextlib
import io
import os
import pty
import re

import pytest

from panjereh.runtime.progress import Progress


def test_a_pipe_gets_one_line_per_step() -> None:
    out = io.StringIO()
    with Progress(out).step("PostgreSQL and NATS") as show:
        show("postgres")
    assert re.fullmatch(r"  PostgreSQL and NATS \.+ \d+\.\d s\n", out.getvalue())


def test_a_terminal_shows_the_parts_in_the_same_line() -> None:
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as out, Progress(out).step("Floors") as show:
        show("window")
        show("sso")
    shown = os.read(reader, 4096).decode()
    os.close(reader)
    assert shown.count("\n") == 1
    assert shown.index("window") < shown.index("sso") < shown.index(" s\r\n")


def test_a_step_that_fails_says_so_and_a_message_gets_its_own_line() -> None:
    out = io.StringIO()
    progress = Progress(out)
    with pytest.raises(RuntimeError), progress.step("Tables"):
        progress.say("sso was killed by SIGKILL; it starts again in 0.2 s")
        raise RuntimeError
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("  Tables ..")
    assert lines[1].startswith("sso was killed")
    assert lines[2] == " not done"


def test_a_terminal_that_was_closed_stops_nobody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    out = os.fdopen(writer, "w")
    progress = Progress(out)
    with progress.step("Stopping everything"):
        stopped = True
    progress.say("done")
    assert stopped
    with contextlib.suppress(BrokenPipeError):
        out.close()
