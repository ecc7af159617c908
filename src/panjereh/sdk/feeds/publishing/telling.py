"""What a publisher tells the exchange and wakes its subscribers with: counts, dates, digests."""

from datetime import date, datetime
from typing import Any

from panjereh.common.events import Event
from panjereh.common.outbox.actions import emit
from panjereh.sdk.feeds.publishing.models import Feed, Phase, Subscriber


def sheet_announced(feed: Feed, phases: list[Phase]) -> Event:
    """The whole sheet each time: who hears it late still has the newest."""
    told = {"feed": feed.name, "sheet": feed.sheet | {"phases": [_phase(p) for p in phases]}}
    return emit("feed.sheet.announced", subject=feed.name, data=told)


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "number": phase.number,
        "opens_on": _iso(phase.opens_on),
        "members": phase.members,
    }


def page_published(
    name: str,
    *,
    sequence: int,
    day: date,
    changes: int,
    late: int,
    at: datetime,
    digests: dict[str, str],
) -> Event:
    return emit(
        "feed.page.published",
        subject=name,
        data={
            "feed": name,
            "sequence": sequence,
            "day": _iso(day),
            "changes": changes,
            "late": late,
            "published_at": _iso(at),
            "digests": digests,
        },
    )


def day_closed(name: str, *, day: date, last_sequence: int, changes: int, at: datetime) -> Event:
    return emit(
        "feed.day.closed",
        subject=name,
        data={
            "feed": name,
            "day": _iso(day),
            "last_sequence": last_sequence,
            "changes": changes,
            "closed_at": _iso(at),
        },
    )


def subscriber_moved(subscriber: Subscriber) -> Event:
    """How far a subscriber has come, as it said itself."""
    return emit(
        "feed.subscriber.moved",
        subject=subscriber.feed_id,
        data={
            "feed": subscriber.feed_id,
            "consumer": subscriber.consumer,
            "taken": subscriber.taken,
            "trouble": subscriber.trouble,
            "asked_at": _iso(subscriber.asked_at) if subscriber.asked_at else None,
        },
    )


def _iso(moment: date) -> str:
    return moment.isoformat()
