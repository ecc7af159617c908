"""How fast we may send: the operator says when it is too fast, and we find the rate below that."""

import time

HIGHEST, LOWEST = 1_000.0, 1.0
BACK_OFF, EPOCH_SECONDS, RECOVERY = 0.7, 0.5, 2.0


class Pace:
    """A bucket of permissions that fills at `rate` a second.

    Throttling cuts the rate once an epoch, for the answers of one window all tell the same news;
    every accepted message raises it again.
    """

    def __init__(self) -> None:
        self.rate = HIGHEST
        self._filled = 1.0
        self._at = time.monotonic()
        self._cut_at = 0.0

    def take(self, wanted: int) -> int:
        """How many of `wanted` may go now."""
        now = time.monotonic()
        burst = max(1.0, self.rate / 10)
        self._filled = min(burst, self._filled + (now - self._at) * self.rate)
        self._at = now
        granted = min(wanted, int(self._filled))
        self._filled -= granted
        return granted

    def give_back(self, unused: int) -> None:
        self._filled += unused

    def accepted(self) -> None:
        self.rate = min(HIGHEST, self.rate + RECOVERY)

    def throttled(self) -> None:
        now = time.monotonic()
        if now - self._cut_at >= EPOCH_SECONDS:
            self.rate = max(LOWEST, self.rate * BACK_OFF)
            self._cut_at = now
