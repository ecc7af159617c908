"""What is counted of a call, read back out of the books."""

from typing import Any

from panjereh.exchange.records import Record

_TIMES = ("received_at", "forwarded_at", "answered_at", "finished_at")
_PLAIN = (
    "gateway",
    "bus",
    "consumer",
    "provider",
    "service",
    "grant_id",
    "cause",
    "error_code",
    "request_size",
    "response_size",
    "cut_fields",
)
COLUMNS = ", ".join(
    [
        "request_id::text",
        *_PLAIN,
        *(f"(extract(epoch FROM {name}) * 1000000)::bigint AS {name}" for name in _TIMES),
    ]
)
_NAMES = ("request_id", *_PLAIN, *_TIMES)


def record_of(row: tuple[Any, ...]) -> Record:
    """A record with as much as `COLUMNS` tell."""
    return Record(**dict(zip(_NAMES, row, strict=True)))
