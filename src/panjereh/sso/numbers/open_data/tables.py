"""What is told of a month.

Stocks (who is registered) are told in tens, each cell by itself and totals as the sums of these:
of two months nobody can compute that one person came or went. Flows (registrations, logins) are
told as they are, and small ones left out so that no total gives them away.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from panjereh.common.suppression import CannotProtect, Place, suppressed, with_totals
from panjereh.sso.numbers.queries import Entries, Registered, entries, registered, test_clients

TENS = 10
THRESHOLD = 10
COLUMNS = ("table", "row", "column", "count", "suppressed")


class Cell(msgspec.Struct, frozen=True):
    """An empty row or column stands for all of them."""

    table: str
    row: str
    column: str
    count: int | None
    suppressed: bool = False


def cells_of_month(first: date, last: date) -> list[Cell]:
    counted = entries(first, last)
    return [
        *_stock(registered(last)),
        *_flow("registrations", _without_tests(counted, "registration")),
        *_flow("logins", _without_tests(counted, "login")),
    ]


def _stock(found: Registered) -> list[Cell]:
    tens = {
        (kind, str(level)): TENS * round(count / TENS)
        for (kind, level), count in found.by_place.items()
    }
    return [Cell("registered", *place, count) for place, count in sorted(with_totals(tens).items())]


def _without_tests(found: Entries, what: str) -> dict[Place, int]:
    """A door without a name is our own."""
    left_out = test_clients()
    return {
        (client or "-", detail): count
        for (client, detail), count in found.table(what).items()
        if client not in left_out
    }


def _flow(name: str, counts: Mapping[Place, int]) -> list[Cell]:
    """Nothing at all where so little was counted that nothing can be told."""
    table = with_totals(counts)
    try:
        hidden = suppressed(table, THRESHOLD)
    except CannotProtect:
        return []
    return [
        Cell(name, *place, None if place in hidden else table[place], place in hidden)
        for place in sorted(table)
    ]
