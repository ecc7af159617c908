"""The window's list of agencies, as the law texts and reports name them."""

import json
from pathlib import Path
from typing import Any

from panjereh.window import actions

AGENCIES = Path(__file__).parents[1] / "data" / "agencies.json"


def seed(people: int) -> None:
    """The list is the same for a nation of any size."""
    published: list[dict[str, Any]] = json.loads(AGENCIES.read_text(encoding="utf-8"))["items"]
    actions.enter_agencies(_agency(entry) for entry in published)


def _agency(entry: dict[str, Any]) -> dict[str, Any]:
    connection = entry["connection"] or {}
    return {
        "slug": entry["slug"],
        "name_fa": entry["fa"],
        "name_en": entry["en"],
        "kind": entry["kind"],
        "parent": entry["parent"] or "",
        "reported_status": connection.get("status", ""),
        "reported_as_of": connection.get("as_of", ""),
    }
