"""The feeds of the sandbox's civil registry, opened in the phases that its approvals give.

First those whom session 26 names, then the sandbox's own (000 A4 note 3); the feed of the deceased
has long been there for everyone.
"""

from datetime import date
from typing import Any

from panjereh.registries.civil.publications import CHANGED_IDENTITY, DECEASED, announce
from panjereh.sandbox.keys import exchange_description
from panjereh.sdk.feeds.publishing.actions import open_phase

FIRST = "session-26"


def open_feeds() -> None:
    """What stands already is left alone."""
    announce()
    described = exchange_description()
    granted = [g for g in described["grants"] if g["service"] == CHANGED_IDENTITY]
    first = [g for g in granted if g["approval"] == FIRST]
    later = [g for g in granted if g["approval"] != FIRST]
    _open(described, 1, first)
    if later:
        _open(described, 2, later)
    open_phase(feed_name=DECEASED, number=1, opens_on=date(2020, 1, 1), members=[])


def _open(described: dict[str, Any], number: int, grants: list[dict[str, Any]]) -> None:
    open_phase(
        feed_name=CHANGED_IDENTITY,
        number=number,
        opens_on=max(described["approvals"][g["approval"]]["date"] for g in grants),
        members={_member(described, g["consumer"]) for g in grants},
    )


def _member(described: dict[str, Any], system: str) -> str:
    code = described["systems"][system]["member"]
    of_class = {member["code"]: member["class"] for member in described["members"]}
    return f"{described['instance']}/{of_class[code]}/{code}"
