"""How far the collector has come, asked of the stream itself."""

from datetime import UTC, datetime, timedelta

import nats
from django.conf import settings
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

from panjereh.common import clock
from panjereh.exchange.records import DURABLE, STREAM, decode_batch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


async def collected_until() -> datetime | None:
    """Every call received before it is in the database; None when the stream does not answer."""
    client = Client()
    try:
        # Once: the client would try for two minutes, and the caller asks again by itself.
        await client.connect(
            settings.NATS_URL,
            allow_reconnect=False,
            connect_timeout=2,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
        )
        now, stream = clock.now(), client.jetstream()
        info = await stream.consumer_info(STREAM, DURABLE)
        return await _first_waiting(stream, info) or now
    except (nats.errors.Error, OSError, TimeoutError):
        return None
    finally:
        await client.close()


async def _first_waiting(stream: JetStreamContext, info: ConsumerInfo) -> datetime | None:
    """When the oldest call that is not kept yet was received; None when none waits."""
    if not info.num_pending and not info.num_ack_pending:
        return None
    done = info.ack_floor.stream_seq if info.ack_floor else 0
    message = await stream.get_msg(STREAM, (done or 0) + 1, next=True)
    records = decode_batch(message.data or b"[]")
    return _EPOCH + timedelta(microseconds=min(record.received_at for record in records))
