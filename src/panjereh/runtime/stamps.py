"""Proof that something was made of just these files and facts, so it need not be made again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamp:
    def __init__(self, file: Path) -> None:
        self.file = file

    def holds(self, made_of: str) -> bool:
        try:
            return self.file.read_text() == made_of
        except OSError:
            return False

    def write(self, made_of: str) -> None:
        self.file.write_text(made_of)


def digest(facts: str, files: Iterable[Path]) -> str:
    """A digest of some facts and of the names and contents of some files."""
    total = hashlib.blake2b(facts.encode(), digest_size=16)
    for path in files:
        total.update(str(path).encode() + b"\0")
        total.update(path.read_bytes())
    return total.hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Sources only: what is compiled out of them comes and goes."""
    found = (path for path in folder.rglob("*") if path.suffix not in {".pyc", ".mo"})
    return sorted(path for path in found if path.is_file())
