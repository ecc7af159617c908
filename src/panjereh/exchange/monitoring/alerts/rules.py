"""Rules as read from data; a rule that nobody could evaluate is refused at the start."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

_FILE = Path(__file__).parents[1] / "data" / "alerts.yaml"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    signal: str
    title: dict[str, str]
    what_to_do: dict[str, str]
    tell: Literal["provider", "consumer", "nobody"]
    for_minutes: int
    clear_minutes: int
    minutes: int = 0
    calls: int = 0
    above: float | None = None
    below: float | None = None

    def __post_init__(self) -> None:
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.code} needs one limit, above or below")

    def broken_by(self, value: float) -> bool:
        if self.above is not None:
            return value > self.above
        return self.below is not None and value < self.below


@lru_cache
def rules(file: Path = _FILE) -> dict[str, Rule]:
    found = msgspec.yaml.decode(file.read_bytes(), type=list[Rule])
    return {rule.code: rule for rule in found}
