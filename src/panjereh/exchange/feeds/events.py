"""What publishers tell of their feeds: sheets, files, days, and how far subscribers have come."""

from panjereh.common.events import Event, handles
from panjereh.exchange.feeds import actions
from panjereh.exchange.feeds.queries import publication_named


@handles("feed.sheet.announced")
def sheet_announced(event: Event) -> None:
    actions.enter_sheet(event.data["feed"], event.data["sheet"], at=event.time)


@handles("feed.page.published")
def page_published(event: Event) -> None:
    if publication := publication_named(event.data["feed"]):
        actions.enter_page(publication, event.data)


@handles("feed.day.closed")
def day_closed(event: Event) -> None:
    if publication := publication_named(event.data["feed"]):
        actions.enter_day(publication, event.data)


@handles("feed.subscriber.moved")
def subscriber_moved(event: Event) -> None:
    if publication := publication_named(event.data["feed"]):
        actions.enter_position(publication, event.data)
