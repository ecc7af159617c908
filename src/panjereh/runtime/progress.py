"""What the person at the terminal sees while the platform starts: one line per step."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO

WIDTH = 46


class Progress:
    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout

    def say(self, text: str) -> None:
        self.out.write(f"{text}\n")
        self.out.flush()

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator["Count"]:
        """Print the name now and the seconds when it is done."""
        began = time.monotonic()
        self.out.write(f"  {name} ".ljust(WIDTH, "."))
        self.out.flush()
        count = Count(self.out, name)
        try:
            yield count
        except BaseException:
            self.out.write(" not done\n")
            self.out.flush()
            raise
        self.out.write(f" {time.monotonic() - began:.1f} s{count.told()}\n")
        self.out.flush()


class Count:
    """How far a step with parts has come; drawn over itself on a terminal."""

    def __init__(self, out: TextIO, name: str) -> None:
        self.out = out
        self.name = name
        self.done: list[str] = []
        self.note = ""

    def add(self, part: str) -> None:
        self.done.append(part)
        if self.out.isatty():
            line = f"  {self.name} ".ljust(WIDTH, ".")
            self.out.write(f"\r\x1b[K{line} {', '.join(self.done)[-28:]}")
            self.out.write(f"\r{line}")
            self.out.flush()

    def told(self) -> str:
        clear = "\x1b[K" if self.out.isatty() else ""
        return f"{clear}{f' ({self.note})' if self.note else ''}"
