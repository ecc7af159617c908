"""Calls per minute of a grant, counted in this gateway."""

import time
from collections.abc import Callable

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.policy import Permission


class Quotas:
    """Windows of a whole minute: the count starts anew with each."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._minute = 0
        self._counts: dict[int, int] = {}

    def take(self, permission: Permission) -> None:
        now = self._clock()
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        taken = self._counts.get(permission.grant_id, 0)
        if taken >= permission.quota_per_minute:
            retry_after = 60 - int(now % 60)
            raise faults.quota_exceeded(permission.quota_per_minute, retry_after)
        self._counts[permission.grant_id] = taken + 1
