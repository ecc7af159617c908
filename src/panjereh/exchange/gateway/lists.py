"""Published lists as a gateway holds them: which ids are on them now, as tokens of 16 bytes.

A million tokens take 16 MB here: two arrays of numbers in order, searched by halving. A set of a
million byte strings would take six times that. A list is read once per published period; a change
of the policy for another reason does not read it again.
"""

import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

from panjereh.exchange.feeds.tokens import list_token

# A list has one current period, whose revision grows when its entries change (exchange.feeds).
_PERIODS = """
    SELECT list_code, id, revision FROM feeds_listperiod
    WHERE state = 'current' AND list_code = ANY(%s)
"""
_TOKENS = """
    SELECT string_agg(token, ''::bytea ORDER BY token) FROM feeds_listentry WHERE period_id = %s
"""
_TABLE = "SELECT to_regclass('feeds_listperiod') IS NOT NULL"

Tester = Callable[[str], bool]
Period = tuple[int, int]
Wire = psycopg.AsyncConnection[Any]


class Tokens:
    """Tokens in order, in two arrays: the first eight bytes of each, and the last eight."""

    def __init__(self, ordered: bytes = b"") -> None:
        words = array("Q", ordered)
        if sys.byteorder == "little":
            words.byteswap()
        self._high, self._low = words[0::2], words[1::2]

    def __len__(self) -> int:
        return len(self._high)

    def __contains__(self, wanted: bytes) -> bool:
        high, low = int.from_bytes(wanted[:8]), int.from_bytes(wanted[8:])
        place = bisect_left(self._high, high)
        while place < len(self._high) and self._high[place] == high:
            if self._low[place] == low:
                return True
            place += 1
        return False


class Lists:
    """The current tokens of each list that some grant names. Unknown lists are empty: a condition
    that cannot be checked does not hold."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._read: dict[str, tuple[Period, Tokens]] = {}

    async def read(self, wire: Wire, codes: Iterable[str]) -> None:
        """Inside the transaction in which the policy is read, so both are of one moment."""
        wanted = sorted(set(codes))
        current = await _periods(wire, wanted) if wanted else {}
        self._read = {code: await self._list(wire, code, now) for code, now in current.items()}

    def tester(self, code: str) -> Tester:
        """Whether an id is on the list as it was last read."""
        tokens = self._read[code][1] if code in self._read else Tokens()
        return lambda id_asked: list_token(self._secret, code, id_asked) in tokens

    async def _list(self, wire: Wire, code: str, period: Period) -> tuple[Period, Tokens]:
        known = self._read.get(code)
        if known is not None and known[0] == period:
            return known
        cursor = await wire.cursor(binary=True).execute(_TOKENS, [period[0]])
        row = await cursor.fetchone()
        return period, Tokens(row[0] if row and row[0] else b"")


async def _periods(wire: Wire, codes: list[str]) -> dict[str, Period]:
    """None at all before the room of the feeds is set up."""
    found = await (await wire.execute(_TABLE)).fetchone()
    if not found or not found[0]:
        return {}
    rows = await (await wire.execute(_PERIODS, [codes])).fetchall()
    return {code: (period, revision) for code, period, revision in rows}
