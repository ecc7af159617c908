"""The core vocabulary: an item of one name means the same in every service (NIX-35)."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from panjereh.exchange.directory.egif.values import TYPES, ValueType


@dataclass(frozen=True)
class Term:
    name: str
    fa: str
    en: str
    type: ValueType | None = None


@lru_cache
def vocabulary() -> dict[str, Term]:
    text = Path(__file__).with_name("vocabulary.yaml").read_text(encoding="utf-8")
    return {
        name: Term(name, term["fa"], term["en"], TYPES[term["type"]] if "type" in term else None)
        for name, term in yaml.safe_load(text).items()
    }
