"""The numbers as the page shows them: rows with names, each with its share for a bar."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from panjereh.sso.levels import name_of
from panjereh.sso.numbers.queries import Entries, Registered, registered
from panjereh.sso.numbers.words import KIND_NAMES, WAY_NAMES, Words
from panjereh.sso.relying_parties.queries import names

MONTHS, MONTH = 12, timedelta(days=30)
FULL = 100  # pixels


@dataclass(frozen=True)
class Bar:
    """`most` is what a full bar stands for."""

    name: Any
    count: int
    most: int

    @property
    def width(self) -> int:
        return round(FULL * self.count / self.most) if self.most else 0

    @property
    def start(self) -> int:
        """A bar grows in the direction of reading."""
        return FULL - self.width if get_language_bidi() else 0


@dataclass(frozen=True)
class Door:
    client_id: str
    name: dict[str, str]
    agency: dict[str, str]
    registrations: int
    logins: int


def level_bars(found: Registered) -> list[Bar]:
    """A level that is no longer offered keeps its number."""
    counts = found.by_level
    return [Bar(name_of(level), counts[level], found.people) for level in counts]


def kind_bars(found: Registered) -> list[Bar]:
    counts = found.by_kind
    most = max(counts.values(), default=0)
    return [Bar(name, counts[kind], most) for kind, name in KIND_NAMES.items() if kind in counts]


def history(last: Registered) -> list[Bar]:
    """A year back, every 30 days; the date in the place of the name."""
    earlier = [registered(last.day - MONTH * n) for n in range(MONTHS, 0, -1)]
    found = [*earlier, last]
    most = max(one.people for one in found)
    return [Bar(one.day, one.people, most) for one in found]


def way_bars(found: Entries) -> list[Bar]:
    counts = found.by_detail("proof")
    most = max(counts.values(), default=0)
    ordered = sorted(counts, key=lambda way: -counts[way])
    return [Bar(_way(way), counts[way], most) for way in ordered]


def _way(way: str) -> Words:
    return WAY_NAMES.get(way, way)


def doors(found: Entries) -> list[Door]:
    """Most logins first."""
    logins, registrations = found.by_client("login"), found.by_client("registration")
    ids = list(dict.fromkeys([*logins, *registrations]))
    sites = names(set(ids))
    own = {"fa": _("Our own door"), "en": _("Our own door")}
    return [
        Door(
            client_id=one,
            name=sites[one].name if one in sites else ({} if one else own),
            agency=sites[one].agency_name if one in sites else {},
            registrations=registrations.get(one, 0),
            logins=logins.get(one, 0),
        )
        for one in ids
    ]
