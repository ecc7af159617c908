"""What the person at the terminal sees while the platform starts: one line per step."""

import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO

WIDTH = 46


class Progress:
    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self._line = ""  # the step that is under way, if any

    def say(self, text: str) -> None:
        """A line of its own, also in the middle of a step."""
        self._write(f"\n{text}\n" if self._line else f"{text}\n")

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Print the name now and the seconds when it is done; what is yielded shows a part."""
        began = time.monotonic()
        self._line = f"  {name} ".ljust(WIDTH, ".")
        self._write(self._line)
        try:
            yield self._show_part
            self._redraw(f"{time.monotonic() - began:.1f} s\n")
        except BaseException:
            self._redraw("not done\n")
            raise
        finally:
            self._line = ""

    def _show_part(self, part: str) -> None:
        if self.out.isatty():
            self._redraw(part)

    def _redraw(self, end: str) -> None:
        """Finish the line; on a terminal over what it showed before."""
        self._write(f"\r\x1b[K{self._line} {end}" if self.out.isatty() else f" {end}")

    def _write(self, text: str) -> None:
        """A terminal that was closed under us must not keep the children from being stopped."""
        try:
            self.out.write(text)
            self.out.flush()
        except OSError:
            self.out = io.StringIO()
