"""What travels between publisher and subscriber, and the digest both compute.

The digest is the SHA-256 of plain lines, so that it can be checked in any language:

    civil-registry/changed-identity 17 2026-11-22 1     feed, number, day, epoch of the key
    3f0c…  2026-11-22                                   token, date of the change[, state]
"""

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from panjereh.common.http_signatures import content_digest


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, order=True):
    """A change, in the names of approval 26-4-2; which datum changed is not there (PRV-16)."""

    national_id_token: str
    change_date: date
    state: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """The changes of one number of a feed, for one subscriber."""

    feed: str
    sequence: int
    day: date
    epoch: int
    changes: list[Entry]
    digest: str = ""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    sequence: int
    day: date
    epoch: int
    digest: str


class ClosedDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is over; nothing more is told of it but what is told late."""

    day: date
    last_sequence: int


class KeyDate(msgspec.Struct, frozen=True, kw_only=True):
    epoch: int
    starts_on: date


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What there is for the subscriber after the number it named."""

    feed: str
    after: int
    latest: int
    pages: list[Listed]
    days: list[ClosedDay]
    keys: list[KeyDate]
    at: datetime


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    epoch: int
    starts_on: date
    sealed_key: str


def digest_of(file: File) -> str:
    return content_digest("".join(_lines(file)).encode())


def _lines(file: File) -> Iterator[str]:
    yield f"{file.feed} {file.sequence} {file.day.isoformat()} {file.epoch}\n"
    for entry in file.changes:
        words = (entry.national_id_token, entry.change_date.isoformat(), entry.state)
        yield " ".join(word for word in words if word) + "\n"
