"""What a publisher hears: who may have its feeds."""

from panjereh.common.events import Event, handles
from panjereh.sdk.feeds.publishing import actions
from panjereh.sdk.feeds.publishing.models import Feed


@handles("exchange.subscriber.changed")
def subscriber_changed(event: Event) -> None:
    """The exchange tells who has a grant for a feed, with the keys registered there."""
    told = event.data
    if Feed.objects.filter(pk=told["feed"]).exists():
        actions.know_subscriber(
            feed_name=told["feed"],
            consumer=told["consumer"],
            public_keys=told["public_keys"],
            granted=told["granted"],
            told_at=event.time,
        )
