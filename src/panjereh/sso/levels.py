"""Assurance levels as data: which there are, what they are called, what reaches them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml
from django.conf import settings

_OURS = Path(__file__).parent / "levels.yaml"


@dataclass(frozen=True)
class Level:
    level: int
    acr: str
    name: dict[str, str]
    ways: list[str]
    single_sign_on: bool


def levels() -> list[Level]:
    """Lowest first."""
    return _load(Path(getattr(settings, "SSO_LEVELS", _OURS)))


@lru_cache
def _load(path: Path) -> list[Level]:
    loaded = msgspec.convert(yaml.safe_load(path.read_text()), list[Level])
    return sorted(loaded, key=lambda level: level.level)


def by_acr(acr: str) -> Level | None:
    return next((level for level in levels() if level.acr == acr), None)


def by_number(number: int) -> Level:
    return next(level for level in levels() if level.level == number)


def highest() -> int:
    return levels()[-1].level


def reached(way: str, attained: int) -> int:
    """The lower of the two: how identity was proved (`attained`), how the person signs in now."""
    return max((x.level for x in levels() if way in x.ways and x.level <= attained), default=0)


def name_of(number: int) -> dict[str, str]:
    """For pages about the past, which may name a level that is no longer offered."""
    return next((level.name for level in levels() if level.level == number), {})
