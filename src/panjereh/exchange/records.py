"""The record of a call as it travels from the gateway to the collector: traffic data only."""

import msgspec
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

STREAM = "RECORDS"
SUBJECT = "records.calls"
DURABLE = "collector"
DUPLICATE_WINDOW_SECONDS = 120
STREAM_BYTES = 6 * 1024**3  # of the 8 GB that events share; ten million records that nobody reads


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
    bus: str = ""
    face: str = ""
    x_road_id: str = ""
    issue: str = ""
    consumer: str = ""
    provider: str = ""
    service: str = ""
    method: str = ""
    path_template: str = ""
    grant_id: int | None = None
    purpose: str = ""
    represented: str = ""
    status: int = 0
    cause: str = ""
    error_code: str = ""
    request_size: int = 0
    response_size: int = 0
    request_digest: str = ""
    response_digest: str = ""
    cut_fields: int = 0
    user_pseudonym: str = ""
    subjects: list[str] = []


encode = msgspec.json.Encoder().encode
decode_batch = msgspec.json.Decoder(list[Record]).decode


async def ensure_stream(stream: JetStreamContext, replicas: int = 1) -> None:
    """Books (`jobs.collect_records`) and log (`evidence.stream`) both read every record.

    The stream drops nothing by itself: the log frees it of what both have in safety. When one of
    them stands still it fills, and when it is full it refuses, so calls are refused, not records
    lost. `interest` would drop a record that comes while a reader is being made, and say nothing.
    """
    wanted = StreamConfig(
        name=STREAM,
        subjects=["records.>"],
        storage=StorageType.FILE,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        max_bytes=STREAM_BYTES,
        num_replicas=replicas,
        duplicate_window=DUPLICATE_WINDOW_SECONDS,
    )
    try:
        found = await stream.stream_info(STREAM)
    except NotFoundError:
        await stream.add_stream(wanted)
        return
    if found.config.retention == RetentionPolicy.WORK_QUEUE:
        await _replace_work_queue(stream, wanted)
    elif (found.config.num_replicas or 1) < replicas or found.config.max_bytes != STREAM_BYTES:
        await stream.update_stream(wanted)


async def _replace_work_queue(stream: JetStreamContext, wanted: StreamConfig) -> None:
    """An installation older than the log has a stream that only one may read. Once that one has
    emptied it, it is closed to gateways, and goes if nothing came until then."""
    closed = StreamConfig(STREAM, subjects=["closed"], retention=RetentionPolicy.WORK_QUEUE)
    if not await _messages(stream):
        await stream.update_stream(closed)
        if not await _messages(stream):
            await stream.delete_stream(STREAM)
            await stream.add_stream(wanted)


async def _messages(stream: JetStreamContext) -> int:
    return (await stream.stream_info(STREAM)).state.messages
