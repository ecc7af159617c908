"""Conditions of a grant that are checked at the time of the call (NIX-09, 10; 000 A2.3).

`listed`: every id at the pointer of the request is on the published list now. A request that names
no id there is refused too, or the condition could be passed by saying nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.lists import Lists, Tester
from panjereh.exchange.gateway.reading import Place, read_request

LISTED = "listed"


class Listed:
    def __init__(self, code: str, place: Place, listed: Tester) -> None:
        self.code, self.place, self._listed = code, place, listed

    def check(self, query: str, body: Any) -> None:
        ids = self.place.values(query, body)
        # Ids are texts: a number could be written in many ways, and each would be another token.
        if not ids or not all(isinstance(one, str) and self._listed(one) for one in ids):
            raise faults.not_on_list(self.code)


class Conditions:
    """All of a grant's; each must hold."""

    def __init__(self, listed: Sequence[Listed]) -> None:
        self._listed = listed
        self._places = [condition.place for condition in listed]

    def check(self, query: str, body: bytes) -> None:
        """Raises `access_denied`, or `bad_request` for a body that can be read in two ways."""
        decoded = read_request(self._places, body)
        for condition in self._listed:
            condition.check(query, decoded)


def lists_named(conditions: Sequence[Mapping[str, str]]) -> set[str]:
    return {condition["list"] for condition in conditions if condition.get("kind") == LISTED}


def compile_conditions(written: Sequence[Mapping[str, str]], lists: Lists) -> Conditions | None:
    """None when a grant has none. Raises `ValueError` on a kind that this gateway does not know:
    a condition that is not understood must not be passed over."""
    if unknown := {condition["kind"] for condition in written} - {LISTED}:
        raise ValueError(f"unknown kinds of condition: {sorted(unknown)}")
    listed = [Listed(c["list"], Place(c["pointer"]), lists.tester(c["list"])) for c in written]
    return Conditions(listed) if listed else None
