"""Is the log being kept? The worker says so every few seconds; who asks, asks its words and age."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from panjereh.common import clock
from panjereh.exchange.evidence.folder import Folder

_FILE = "keeping.json"
TOLD_EVERY = timedelta(seconds=10)
LATE = timedelta(seconds=60)


@dataclass(frozen=True)
class Keeping:
    """`reason` is empty while all is well; `at` is when the worker said so last."""

    at: datetime
    reason: str = ""

    @property
    def alarm(self) -> str:
        """What is wrong, for an operator; empty when nothing is."""
        if self.reason:
            return self.reason
        late = clock.now() - self.at > LATE
        return f"nobody keeps the log since {self.at:%Y-%m-%d %H:%M:%S} UTC" if late else ""


def tell(folder: Folder, reason: str = "") -> None:
    said = {"at": clock.now().isoformat(), "reason": reason}
    folder.write({_FILE: json.dumps(said).encode()})


def told(folder: Folder) -> Keeping | None:
    """None before any worker has kept this log."""
    data = folder.read(_FILE)
    if data is None:
        return None
    said = json.loads(data)
    return Keeping(datetime.fromisoformat(said["at"]), said["reason"])
