"""Days are those of Tehran."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from panjereh.common import clock

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """From the beginning of one day to the end of another."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time()))

    @property
    def end(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.last + ONE_DAY, time()))

    @property
    def row(self) -> dict[str, datetime]:
        return {"start": self.start, "end": self.end}


def today() -> date:
    return timezone.localdate(clock.now())


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY
