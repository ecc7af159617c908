"""What may be published, as read from data."""

from functools import lru_cache
from pathlib import Path

import msgspec

_FILE = Path(__file__).parents[1] / "data" / "open_data.yaml"


class Rules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    threshold: int
    rate_at_least: int
    after_days: int
    exclude: list[str]
    licence: str
    title: dict[str, str]
    description: dict[str, str]


@lru_cache
def open_data_rules(file: Path = _FILE) -> Rules:
    return msgspec.yaml.decode(file.read_bytes(), type=Rules)
