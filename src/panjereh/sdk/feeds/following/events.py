"""A publisher says that there is something new: wake up. What is new is asked of the exchange."""

from panjereh.common.events import Event, handles
from panjereh.sdk.feeds.following import jobs


@handles("feed.page.published")
def page_published(event: Event) -> None:
    jobs.wake()


@handles("feed.day.closed")
def day_closed(event: Event) -> None:
    jobs.wake()
