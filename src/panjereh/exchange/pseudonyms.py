"""The names under which records know people: keyed, and other ones each month.

Whoever holds the records cannot tell who is meant, nor follow one person beyond a month. Whoever
holds the secret can find one person's records, which is what "who looked at my data" asks.
"""

import hmac
from datetime import UTC, datetime

LENGTH = 32  # hexadecimal digits


def month_key(secret: bytes, month: str) -> bytes:
    """The key of a month such as `2026-11`."""
    return hmac.digest(secret, month.encode(), "sha256")


def pseudonym(key: bytes, person: str) -> str:
    """`person` is a country code and an id, such as IR0012345678."""
    return hmac.digest(key, person.encode(), "sha256")[: LENGTH // 2].hex()


def month_of(microseconds: int) -> str:
    """The month whose key stands for a moment of a record; months of UTC."""
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC).strftime("%Y-%m")
