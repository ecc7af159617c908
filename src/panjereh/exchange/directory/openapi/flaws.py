"""What is wrong with a description: where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Flaw:
    """`line` is 0 where it cannot be said; `where` is the JSON pointer of the place."""

    text: str | Promise
    mend: str | Promise
    line: int = 0
    where: str = ""


class Flawed(Exception):
    """The description cannot be taken; all that was found, in the order of its lines."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = sorted(flaws, key=lambda flaw: (flaw.line, flaw.where))
        super().__init__("; ".join(f"line {f.line}: {f.text} {f.mend}" for f in self.flaws))


def pointer(path: Path) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
