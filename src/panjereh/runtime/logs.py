"""One log per child, kept small."""

import shutil
from collections import deque
from collections.abc import Iterator
from pathlib import Path

LARGEST = 5 * 1024 * 1024
KEPT = 3


def rotate(log: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
    """Move a grown log aside. Its writer keeps the file open for appending, so the text is copied
    and the file emptied in place; a line written between the two is lost, the service is not."""
    try:
        if log.stat().st_size < largest:
            return
    except FileNotFoundError:
        return
    for number in range(kept - 1, 0, -1):
        older = numbered(log, number)
        if older.exists():
            older.replace(numbered(log, number + 1))
    shutil.copyfile(log, numbered(log, 1))
    with log.open("r+b") as file:
        file.truncate(0)


def numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def last_lines(log: Path, count: int) -> list[str]:
    try:
        with log.open(errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []


class Follower:
    """Reads what is new in a log; a log that was emptied by rotation is read from its start."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.offset = log.stat().st_size if log.exists() else 0

    def fresh_lines(self) -> Iterator[str]:
        if not self.log.exists():
            return
        if self.log.stat().st_size < self.offset:
            self.offset = 0
        with self.log.open("rb") as file:
            file.seek(self.offset)
            for line in file:
                if line.endswith(b"\n"):
                    self.offset += len(line)
                    yield line.decode(errors="replace").rstrip("\n")
