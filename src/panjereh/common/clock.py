"""The one place that tells the time, so that a test can turn it."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
