"""A month of traffic as everybody may have it: rows of consumer and service, and their totals."""

from collections.abc import Mapping
from typing import Any

import msgspec

from panjereh.common.suppression import (
    TOTAL,
    CannotProtect,
    Place,
    suppressed,
    with_totals,
)
from panjereh.exchange.models import Grant
from panjereh.exchange.monitoring.figures import Figures, Selection, figures
from panjereh.exchange.monitoring.open_data.rules import Rules

# Which numbers a row may hold. Shares and times are told of whole services and consumers only.
COLUMNS = (
    "consumer",
    "service",
    "calls",
    "suppressed",
    "answered_percent",
    "p50_ms",
    "p90_ms",
)


class Row(msgspec.Struct, frozen=True):
    """An empty consumer or service stands for all of them."""

    consumer: str
    service: str
    calls: int | None
    suppressed: bool
    answered_percent: int | None = None
    p50_ms: int | None = None
    p90_ms: int | None = None


def rows_of_month(selection: Selection, rules: Rules) -> list[Row]:
    """Nothing at all where so little was counted that nothing can be told."""
    by_place = _by_place(selection, rules)
    table = with_totals({place: found.calls for place, found in by_place.items()})
    try:
        hidden = suppressed(table, rules.threshold)
    except CannotProtect:
        return []
    totals = _totals(by_place)
    return [
        _row(place, table[place], place in hidden, totals.get(place), rules)
        for place in sorted(table)
    ]


def _by_place(selection: Selection, rules: Rules) -> dict[Place, Figures]:
    """By consuming member and service; confidential activities are in no row and no total."""
    confidential = set(Grant.objects.filter(confidential=True).values_list("pk", flat=True))
    counted = figures(selection, "consuming_member", "provider", "service", "grant")
    found: dict[Place, Figures] = {}
    for (consumer, provider, service, grant), calls in counted.items():
        service_id = f"{provider}/{service}"
        if service and grant not in confidential and service_id not in rules.exclude:
            found.setdefault((consumer, service_id), Figures()).add(calls)
    return found


def _totals(by_place: Mapping[Place, Figures]) -> dict[Place, Figures]:
    found: dict[Place, Figures] = {}
    for (consumer, service), calls in by_place.items():
        for place in ((consumer, TOTAL), (TOTAL, service), (TOTAL, TOTAL)):
            found.setdefault(place, Figures()).add(calls)
    return found


def _row(place: Place, calls: int, hidden: bool, total: Figures | None, rules: Rules) -> Row:
    """Shares are whole percents: exact failures of totals could be subtracted from one another."""
    told: dict[str, Any] = {}
    if total and not hidden and calls >= rules.rate_at_least:
        told = {
            "answered_percent": round(100 * (total.answered_share or 0)),
            "p50_ms": _whole(total.p50),
            "p90_ms": _whole(total.p90),
        }
    return Row(*place, None if hidden else calls, hidden, **told)


def _whole(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)
