"""CloudEvents 1.0: how one floor tells another that something has happened.

An event's type has three parts, `floor.thing.happened` (agency.case.delivered). Its subject on
the stream is `events.<type>`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

STREAM = "EVENTS"
SUBJECT_PREFIX = "events."


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON form of a CloudEvent. `subject` is the id of the thing it tells about."""

    id: str
    source: str
    type: str
    time: datetime
    subject: str
    data: dict[str, Any]
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


Handler = Callable[[Event], None]


@dataclass(frozen=True)
class Subscription:
    event_type: str
    handler: Handler

    @property
    def name(self) -> str:
        return f"{self.handler.__module__}.{self.handler.__qualname__}"


_subscriptions: list[Subscription] = []


def handles(event_type: str) -> Callable[[Handler], Handler]:
    """Register a handler; it runs in one transaction with its inbox row, so once per event."""

    def register(handler: Handler) -> Handler:
        _subscriptions.append(Subscription(event_type, handler))
        return handler

    return register


def subscriptions() -> list[Subscription]:
    return list(_subscriptions)
