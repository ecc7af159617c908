"""What the demo tells: hop by hop, which floor, what happened, how long it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

FLOOR_OF_SITE = {
    "window": "1 window",
    "sso": "2 sso",
    "agency": "3 agency",
    "exchange": "4 exchange",
    "operator": "4 exchange",
    "registries": "5 registries",
    "national": "national",
    "phone": "phone",
}


@dataclass(frozen=True)
class Hop:
    floor: str
    what: str
    milliseconds: float


@dataclass
class Story:
    """`listen` is told of every hop as it happens."""

    listen: Callable[[Hop], None] = lambda hop: None
    hops: list[Hop] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def hop(self, floor: str, what: str) -> Iterator[None]:
        """Time one thing that happens; a failure inside is the story's end."""
        began = time.perf_counter()
        yield
        self.tell(floor, what, (time.perf_counter() - began) * 1000)

    def tell(self, floor: str, what: str, milliseconds: float) -> None:
        told = Hop(floor, what, round(milliseconds, 1))
        self.hops.append(told)
        self.listen(told)

    def as_data(self) -> dict[str, Any]:
        return {"hops": [asdict(h) for h in self.hops], **self.facts}


def floor_of(url: str) -> str:
    """`http://civil-registration.agency.localhost:8102/…` is on the agency floor."""
    labels = (urlsplit(url).hostname or "").split(".")
    return next((FLOOR_OF_SITE[label] for label in labels if label in FLOOR_OF_SITE), "?")
