"""Categories and life events: the groups that services are listed in, from data/directory.yaml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

DATA = Path(__file__).parent / "data"
OTHER = "other"


@dataclass(frozen=True)
class Group:
    slug: str
    icon: str
    fa: str
    en: str

    @property
    def name(self) -> dict[str, str]:
        return {"fa": self.fa, "en": self.en}


@lru_cache
def categories() -> dict[str, Group]:
    return _groups("categories")


@lru_cache
def life_events() -> dict[str, Group]:
    return _groups("life_events")


def _groups(kind: str) -> dict[str, Group]:
    entries: Iterable[Mapping[str, str]] = yaml.safe_load(
        (DATA / "directory.yaml").read_text(encoding="utf-8")
    )[kind]
    return {entry["slug"]: Group(**entry) for entry in entries}


def category_of(slug: str) -> Group:
    """The category of a card; a slug we do not know belongs to the other services."""
    return categories().get(slug) or categories()[OTHER]
