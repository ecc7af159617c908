"""Proof that something was made of just these files and facts, so it need not be made again."""

import hashlib
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


def digest(facts: str, *folders: Path) -> str:
    """A digest of some facts and of every file below some folders."""
    total = hashlib.blake2b(facts.encode(), digest_size=16)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in {".pyc", ".mo"} and path.is_file():
                total.update(str(path.relative_to(folder)).encode() + b"\0")
                total.update(path.read_bytes())
    return total.hexdigest()
