"""Assurance levels as data: which there are, what they are called, what reaches them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True)
class Proof:
    """A way that somebody has just come by; `proved` is the highest level it is good for."""

    way: str
    at: datetime
    proved: int | None = None


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


def entry(way: str) -> frozenset[str]:
    """An entry of `ways` is one way, or several joined by "+" that only reach it together."""
    return frozenset(way.split("+"))


def reached(proofs: Sequence[Proof], attained: int) -> dict[int, datetime]:
    """Which levels these proofs reach together, and since when each is held.

    A level is the lowest of three: how identity was proved once (`attained`), what each way of
    signing in is good for (`proved`), and the ways that the level asks for.
    """
    have = {proof.way: proof for proof in proofs}
    found: dict[int, datetime] = {}
    latest: list[datetime] = []  # a higher level proves the lower ones with it
    for level in reversed(levels()):
        if level.level <= attained:
            latest += _times(level, have)
        if latest:
            found[level.level] = max(latest)
    return found


def _times(level: Level, have: dict[str, Proof]) -> list[datetime]:
    """When each entry was complete: it is as old as its oldest part."""
    good = {way: proof.at for way, proof in have.items() if _good_for(proof, level)}
    entries = [entry(ways) for ways in level.ways]
    return [min(good[way] for way in ways) for ways in entries if ways <= good.keys()]


def _good_for(proof: Proof, level: Level) -> bool:
    return proof.proved is None or proof.proved >= level.level


def ways_towards(wanted: int, have: Iterable[str]) -> frozenset[str]:
    """What is still missing to reach this level or a higher one."""
    offered = (entry(ways) for level in levels() if level.level >= wanted for ways in level.ways)
    return frozenset().union(*offered) - frozenset(have)


def level_of(way: str) -> int:
    """The lowest level that this way reaches by itself."""
    return next(level.level for level in levels() if entry(way) in map(entry, level.ways))


def name_of(number: int) -> dict[str, str]:
    """For pages about the past, which may name a level that is no longer offered."""
    return next((level.name for level in levels() if level.level == number), {})
