"""The names under which looks, questions and searches know people.

A look has a name of its month, which the gateway gave it. To find one person's looks of half a
year, the six or seven names are made again here, from the secret that no page shows. What a person
asks, and what was searched about a person, stands under one name that is another kind: nobody can
join the two without the secret.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from nacl.secret import SecretBox

from panjereh.common import clock
from panjereh.exchange.pseudonyms import month_key, pseudonym

_STANDING = "standing"
_SEAL = "seal"


@dataclass(frozen=True)
class Month:
    """A month of UTC, as gateways and partitions count."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        there = moment.astimezone(UTC)
        return cls(there.year, there.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def begins(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def after(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)


def months(since: datetime, until: datetime | None = None) -> Iterator[Month]:
    """Oldest first, the first and the last one included."""
    month, last = Month.of(since), Month.of(until or clock.now())
    while month.begins <= last.begins:
        yield month
        month = month.after


def names_in(person: str, since: datetime, until: datetime | None = None) -> list[UUID]:
    """Under these names the looks of that time know the person (a national id)."""
    return [_name(person, str(month)) for month in months(since, until)]


def standing_name(person: str) -> UUID:
    return _name(person, _STANDING)


def sealed(person: str) -> bytes:
    return bytes(_box().encrypt(person.encode()))


def unsealed(box: "bytes | memoryview[int]") -> str:
    return _box().decrypt(bytes(box)).decode()


def _name(person: str, month: str) -> UUID:
    return UUID(hex=pseudonym(_key(month), f"IR{person}"))


@lru_cache(maxsize=64)
def _key(month: str) -> bytes:
    return month_key(settings.SUBJECT_SECRET.encode(), month)


def _box() -> SecretBox:
    return SecretBox(_key(_SEAL))
