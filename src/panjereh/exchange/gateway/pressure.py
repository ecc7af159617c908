"""Whether the gateway is asked for more than it can do: then it sheds calls at its door, which
costs a tenth of a call, and those it took keep their latency.

It looks at how late its own event loop is. That is what every call waits for, whatever its provider
does; the number of calls under way says nothing of it while providers are slow.
"""

import asyncio
from typing import Final

BEAT_SECONDS: Final = 0.02
HIGH_SECONDS: Final = 0.15
LOW_SECONDS: Final = 0.05


class Pressure:
    def __init__(self) -> None:
        self.high = False

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            self.note(loop.time() - due)

    def note(self, late: float) -> None:
        """Between the two limits it stays as it was, so it does not flutter."""
        self.high = late > (LOW_SECONDS if self.high else HIGH_SECONDS)
