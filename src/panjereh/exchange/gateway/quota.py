"""Calls per minute and per day of a grant: counted here, and known from the other gateways.

A call is checked against numbers in memory. What other gateways took comes in by `quota_share`
twice a second, so all of them together may pass a limit by what the others take in that time.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.policy import Permission

MINUTE, DAY = 60, 86_400
TEHRAN = 12_600  # seconds before UTC; a day of a quota begins at midnight in Tehran

Headers = list[tuple[str, str]]


@dataclass
class Elsewhere:
    """What the other gateways took of each grant, and in which minute and day that was."""

    minute: int = 0
    day: int = 0
    minutes: dict[int, int] = field(default_factory=dict)
    days: dict[int, int] = field(default_factory=dict)


class Allowance(NamedTuple):
    limit: int
    remaining: int
    reset: int


def rate_limit_headers(allowance: Allowance) -> Headers:
    """The three fields as the IETF drafts up to 06 have them. Later ones merge them into
    `RateLimit` and `RateLimit-Policy`; should clients want those, they are added here."""
    return [
        ("ratelimit-limit", str(allowance.limit)),
        ("ratelimit-remaining", str(allowance.remaining)),
        ("ratelimit-reset", str(allowance.reset)),
    ]


class Quotas:
    """Windows of a whole minute and day: counts start anew with each."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.minute = self.day = 0
        self.minutes: dict[int, int] = {}
        self.days: dict[int, int] = {}
        self.changed: set[int] = set()
        self.elsewhere = Elsewhere()
        self._limits: dict[int, tuple[int, int | None]] = {}

    def take(self, permission: Permission) -> None:
        """Count a call; raise `quota_exceeded` when none is left."""
        now = self.turn()
        grant, per_day = permission.grant_id, permission.quota_per_day
        self._limits[grant] = permission.quota_per_minute, per_day
        if self._this_minute(grant) >= permission.quota_per_minute:
            raise faults.quota_exceeded(permission.quota_per_minute, _left(now, MINUTE))
        if per_day is not None:
            if self._this_day(grant) >= per_day:
                raise faults.daily_quota_exceeded(per_day, _left(now, DAY, TEHRAN))
            self.days[grant] = self.days.get(grant, 0) + 1
        self.minutes[grant] = self.minutes.get(grant, 0) + 1
        self.changed.add(grant)

    def headers(self, grant: int | None) -> Headers:
        """Of every answer. Without a grant nothing is allowed, and that is what they say."""
        return rate_limit_headers(self._allowance(grant))

    def turn(self) -> float:
        """Begin new windows when their time has come; the time it is."""
        now = self._clock()
        minute = int(now // MINUTE)
        if minute != self.minute:
            self.minute, self.minutes = minute, {}
            day = int((now + TEHRAN) // DAY)
            if day != self.day:
                self.day, self.days, self._limits = day, {}, {}
        return now

    def _allowance(self, grant: int | None) -> Allowance:
        """Of the window that is nearer to its end of calls."""
        now = self.turn()
        limits = None if grant is None else self._limits.get(grant)
        if grant is None or limits is None:
            return Allowance(0, 0, _left(now, MINUTE))
        per_minute, per_day = limits
        remaining = max(per_minute - self._this_minute(grant), 0)
        if per_day is not None and (left := max(per_day - self._this_day(grant), 0)) < remaining:
            return Allowance(per_day, left, _left(now, DAY, TEHRAN))
        return Allowance(per_minute, remaining, _left(now, MINUTE))

    def _this_minute(self, grant: int) -> int:
        own, other = self.minutes.get(grant, 0), self.elsewhere
        return own + other.minutes.get(grant, 0) if other.minute == self.minute else own

    def _this_day(self, grant: int) -> int:
        own, other = self.days.get(grant, 0), self.elsewhere
        return own + other.days.get(grant, 0) if other.day == self.day else own


def _left(now: float, window: int, shift: int = 0) -> int:
    return math.ceil(window - (now + shift) % window)
