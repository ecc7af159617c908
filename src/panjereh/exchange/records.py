"""The record of a call as it travels from the gateway to the collector: traffic data only."""

import msgspec
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

STREAM = "RECORDS"
SUBJECT = "records.calls"
DURABLE = "collector"
DUPLICATE_WINDOW_SECONDS = 120


class Record(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Times are microseconds since the epoch. `exchange.models.CallRecord` says what each holds.

    The gateway fills it in while the call goes on, so that a refusal tells how far it came.
    """

    request_id: str
    gateway: str
    received_at: int
    finished_at: int = 0
    forwarded_at: int | None = None
    answered_at: int | None = None
    x_road_id: str = ""
    issue: str = ""
    consumer: str = ""
    provider: str = ""
    service: str = ""
    method: str = ""
    path_template: str = ""
    grant_id: int | None = None
    status: int = 0
    cause: str = ""
    error_code: str = ""
    request_size: int = 0
    response_size: int = 0
    request_digest: str = ""
    response_digest: str = ""
    cut_fields: int = 0
    subject_pseudonym: str = ""


encode = msgspec.json.Encoder().encode
decode_batch = msgspec.json.Decoder(list[Record]).decode


async def ensure_stream(stream: JetStreamContext) -> None:
    """A full stream refuses: an old record is never given up for a new one."""
    try:
        await stream.stream_info(STREAM)
    except NotFoundError:
        await stream.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=["records.>"],
                storage=StorageType.FILE,
                retention=RetentionPolicy.WORK_QUEUE,
                discard=DiscardPolicy.NEW,
                duplicate_window=DUPLICATE_WINDOW_SECONDS,
            )
        )
