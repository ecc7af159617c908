"""What a card has to say (001 art 9 and appendix B): card_schema.json is the agreement."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from panjereh.national.schemas import wrong_fields


@lru_cache
def card_schema() -> dict[str, Any]:
    path = Path(__file__).with_name("card_schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def card_flaws(card: dict[str, Any]) -> list[str]:
    """Fields that are missing, unknown or not in the agreed form."""
    return wrong_fields(card_schema(), card)
