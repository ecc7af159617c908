"""Build the read models again from the stream, as if every event came for the first time."""

import asyncio
from collections.abc import Iterator

import msgspec
import nats
from django.conf import settings
from django.db import connection, transaction
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from panjereh.common.events import STREAM, SUBJECT_PREFIX, Event, subscriptions
from panjereh.window.models import EnteredBirth, Rating, Request, Service, Step, UnreadLetters

READ_MODELS = (Service, Rating, Request, Step, UnreadLetters, EnteredBirth)
BATCH = 500


def rebuild() -> int:
    """Returns how many events were read. Readers see the old state until all is done.

    The marks of which requests were rated here are kept, for no event tells them.
    """
    handlers = {s.event_type: s.handler for s in subscriptions()}
    read = 0
    with transaction.atomic():
        rated = dict(
            Request.objects.exclude(rated_stars=None).values_list("tracking_id", "rated_stars")
        )
        _clear()
        for event in _stream(sorted(handlers)):
            handlers[event.type](event)
            read += 1
        for tracking_id, stars in rated.items():
            Request.objects.filter(tracking_id=tracking_id).update(rated_stars=stars)
    return read


def _clear() -> None:
    """The lock keeps the subscriber out until we are through; it leaves readers alone."""
    with connection.cursor() as cursor:
        for model in READ_MODELS:
            name = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
    for model in READ_MODELS:
        model.objects.all().delete()


def _stream(types: list[str]) -> Iterator[Event]:
    """Every event of these types that the stream held when we began, oldest first."""
    with asyncio.Runner() as runner:
        client = runner.run(nats.connect(settings.NATS_URL))
        try:
            consumer = runner.run(
                client.jetstream().pull_subscribe(
                    "",
                    stream=STREAM,
                    config=ConsumerConfig(
                        filter_subjects=[f"{SUBJECT_PREFIX}{t}" for t in types],
                        deliver_policy=DeliverPolicy.ALL,
                        ack_policy=AckPolicy.NONE,
                    ),
                )
            )
            left = runner.run(consumer.consumer_info()).num_pending or 0
            while left > 0:
                for message in runner.run(consumer.fetch(min(BATCH, left), timeout=10)):
                    left -= 1
                    yield msgspec.json.decode(message.data, type=Event)
        finally:
            runner.run(client.close())
